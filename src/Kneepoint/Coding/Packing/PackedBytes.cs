using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Kneepoint.Coding.Packing;

/// <summary>Takes numbers and blocks from a stream that may be damaged or end anywhere, and keeps the checksum of what it took.</summary>
sealed class PackedBytes(Stream stream)
{
    const int BlockBytes = 1 << 16;
    uint _checksum = uint.MaxValue;

    /// <summary>How many bytes were taken.</summary>
    public long Position { get; private set; }

    /// <summary>CRC-32C of bytes.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <summary>Writes a number from 0 up, seven bits to a byte, lowest first.</summary>
    public static void WriteNumber(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    /// <summary>Takes as many bytes as are announced; memory grows with what is really there.</summary>
    /// <exception cref="PackedModelException">The stream ends before.</exception>
    public byte[] Take(long count)
    {
        if (count > Array.MaxLength) throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"After byte {Position} {count} are announced: no part is so long."));
        byte[] bytes = new byte[(int)Math.Min(count, BlockBytes)];
        int filled = 0;
        while (true)
        {
            int read = stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            filled += read;
            if (filled < bytes.Length)
            {
                throw new PackedModelException(string.Create(CultureInfo.InvariantCulture,
                    $"The file ends at byte {Position + filled}, where {count - filled} more were announced: it was cut off."));
            }

            if (filled == count) break;
            Array.Resize(ref bytes, (int)Math.Min(count, bytes.Length * 2L));
        }

        Position += count;
        _checksum = Add(_checksum, bytes);
        return bytes;
    }

    /// <summary>Takes a number.</summary>
    /// <exception cref="PackedModelException">The stream ends, or the number is longer than 63 bits.</exception>
    public ulong TakeNumber()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"The number before byte {Position} does not end: the file is damaged."));
    }

    /// <summary>Takes 32 bits, lowest byte first.</summary>
    public uint TakeWord() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>Takes a checksum and compares it with that of all bytes since the last one.</summary>
    /// <exception cref="PackedModelException">They differ.</exception>
    public void ExpectChecksum(string what)
    {
        uint found = ~_checksum;
        uint expected = TakeWord();
        _checksum = uint.MaxValue;
        if (found != expected)
        {
            throw new PackedModelException(string.Create(CultureInfo.InvariantCulture,
                $"The {what} before byte {Position} is damaged: its checksum is {found:x8}, expected {expected:x8}."));
        }
    }

    /// <summary>Makes sure that nothing follows.</summary>
    public void ExpectEnd()
    {
        if (stream.ReadByte() >= 0) throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"The file goes on after byte {Position}, where it should end."));
    }

    static uint Add(uint checksum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes) checksum = BitOperations.Crc32C(checksum, value);
        return checksum;
    }
}
