using System.Buffers.Binary;
using System.Globalization;

namespace Kneepoint.Coding.Packing;

/// <summary>The first bytes of a packed file.</summary>
/// <param name="ModelBytes">Bytes of the model file.</param>
/// <param name="GraphBytes">Bytes of it that are no data of tensors.</param>
/// <param name="Checksum">Of the model file.</param>
readonly record struct PackedHeader(long ModelBytes, long GraphBytes, uint Checksum)
{
    /// <summary>The version that is written and read.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of a model: a message of the format cannot be larger, nor can an array.</summary>
    public static readonly long MostModelBytes = Array.MaxLength;

    static ReadOnlySpan<byte> Magic => "KNP"u8;

    /// <summary>Writes the header.</summary>
    public void Write(Stream stream)
    {
        using var buffer = new MemoryStream();
        buffer.Write(Magic);
        buffer.WriteByte(Version);
        PackedBytes.WriteNumber(buffer, (ulong)ModelBytes);
        PackedBytes.WriteNumber(buffer, (ulong)GraphBytes);
        Span<byte> word = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(word, Checksum);
        buffer.Write(word);
        byte[] bytes = buffer.ToArray();
        stream.Write(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(word, PackedBytes.Checksum(bytes));
        stream.Write(word);
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="PackedModelException">It is another one, or damaged.</exception>
    public static PackedHeader Read(PackedBytes bytes)
    {
        byte[] start = bytes.Take(4);
        if (!start.AsSpan(0, 3).SequenceEqual(Magic)) throw new PackedModelException("The file is no packed model: it does not begin with 'KNP'.");
        if (start[3] != Version)
        {
            throw new PackedModelException(string.Create(CultureInfo.InvariantCulture,
                $"The file is packed in version {start[3]}; this program reads version {Version}. A newer Kneepoint may read it."));
        }

        ulong model = bytes.TakeNumber(), graph = bytes.TakeNumber();
        uint checksum = bytes.TakeWord();
        bytes.ExpectChecksum("header");
        return model <= (ulong)MostModelBytes && graph <= model
            ? new PackedHeader((long)model, (long)graph, checksum)
            : throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"The header announces a model of {model} bytes with a graph of {graph}."));
    }
}
