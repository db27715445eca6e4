using System.Buffers.Binary;
using System.Text;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>The header of an NPY or IDX file.</summary>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="IsBigEndian">Whether the most significant byte of each element is first.</param>
/// <param name="Dimensions">Outermost first.</param>
/// <param name="HeaderBytes">Bytes before the first element.</param>
sealed record ArrayHeader(ElementType ElementType, bool IsBigEndian, IReadOnlyList<long> Dimensions, long HeaderBytes)
{
    const int MaxHeaderBytes = 64 * 1024;

    static ReadOnlySpan<byte> NpyMagic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a header by its magic bytes and leaves the stream at the first element.</summary>
    /// <exception cref="DataException">The stream starts with neither format, or with a malformed header.</exception>
    public static ArrayHeader Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        ForwardStream.ReadExactly(stream, start[..4], name);
        if (start[0] == 0 && start[1] == 0) return ReadIdx(stream, start[2], start[3], name);
        ForwardStream.ReadExactly(stream, start[4..], name);
        return start[..6].SequenceEqual(NpyMagic)
            ? ReadNpy(stream, start[6], name)
            : throw new DataException($"{name} is neither NPY nor IDX: it starts with the bytes {Convert.ToHexString(start)}.");
    }

    static ArrayHeader ReadIdx(Stream stream, byte type, byte rank, string name)
    {
        var elementType = type switch
        {
            0x08 => ElementType.UInt8,
            0x09 => ElementType.Int8,
            0x0B => ElementType.Int16,
            0x0C => ElementType.Int32,
            0x0D => ElementType.Float32,
            0x0E => ElementType.Float64,
            _ => throw new DataException($"{name} is no IDX file: its type byte is 0x{type:X2}."),
        };
        if (rank is 0 or > 8) throw new DataException($"{name} has {rank} dimensions: expected 1 to 8.");
        Span<byte> sizes = stackalloc byte[4 * rank];
        ForwardStream.ReadExactly(stream, sizes, name);
        long[] dimensions = new long[rank];
        for (int i = 0; i < rank; i++) dimensions[i] = BinaryPrimitives.ReadUInt32BigEndian(sizes[(4 * i)..]);
        return new ArrayHeader(elementType, true, dimensions, 4 + sizes.Length);
    }

    static ArrayHeader ReadNpy(Stream stream, byte version, string name)
    {
        if (version is 0 or > 3) throw new DataException($"{name} is NPY of version {version}: expected 1, 2 or 3.");
        Span<byte> length = stackalloc byte[version == 1 ? 2 : 4];
        ForwardStream.ReadExactly(stream, length, name);
        uint bytes = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > MaxHeaderBytes) throw new DataException($"{name} announces a header of {bytes} bytes: expected at most {MaxHeaderBytes}.");
        byte[] text = new byte[bytes];
        ForwardStream.ReadExactly(stream, text, name);
        return NpyDictionary.Parse(Encoding.Latin1.GetString(text), name, 8 + length.Length + bytes);
    }
}
