using System.Buffers.Binary;
using System.IO.Compression;

namespace Kneepoint.Glyphs;

/// <summary>Writes the IDX format of unsigned bytes, compressed by gzip.</summary>
static class IdxFile
{
    public static void Write(string file, ReadOnlySpan<byte> values, params ReadOnlySpan<int> dimensions)
    {
        const byte UnsignedByte = 8;
        byte[] header = new byte[4 + 4 * dimensions.Length];
        header[2] = UnsignedByte;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), dimensions[i]);
        using var stream = new GZipStream(File.Create(file), CompressionLevel.SmallestSize);
        stream.Write(header);
        stream.Write(values);
    }
}
