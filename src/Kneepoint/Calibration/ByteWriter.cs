using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kneepoint.Calibration;

/// <summary>Writes the small formats of caches: variable-length integers, little-endian numbers, UTF-8 text with its length.</summary>
sealed class ByteWriter
{
    readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Writes bytes as they are.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Writes a number from zero up, seven bits to a byte, the lowest first; the top bit says that more follow.</summary>
    public void WriteCount(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Span<byte> bytes = stackalloc byte[10];
        int length = 0;
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        _bytes.Write(bytes[..length]);
    }

    /// <summary>Writes four bytes.</summary>
    public void WriteSingle(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
    }

    /// <summary>Writes eight bytes.</summary>
    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
    }

    /// <summary>Writes the length in bytes and the UTF-8 text.</summary>
    public void WriteText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteCount(bytes.Length);
        _bytes.Write(bytes);
    }

    /// <summary>Everything written so far.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
