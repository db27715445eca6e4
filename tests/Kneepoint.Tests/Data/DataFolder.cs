using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Data;

/// <summary>A folder of small generated files, gone after the test.</summary>
sealed class DataFolder : IDisposable
{
    public DataFolder() => Root = Directory.CreateTempSubdirectory("kneepoint-data-").FullName;

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string WriteNpy<T>(string name, string descr, IEnumerable<long> shape, ReadOnlySpan<T> values, int version = 1) where T : unmanaged
        => Write(name, Npy(descr, shape, values, version));

    public string WriteIdx(string name, byte[] values, params int[] dimensions) => Write(name, Idx(values, dimensions));

    public string WriteZip(string name, params IEnumerable<(string Path, byte[] Bytes)> entries)
    {
        using var stream = File.Create(this[name]);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var (path, bytes) in entries)
        {
            using var entry = zip.CreateEntry(path).Open();
            entry.Write(bytes);
        }

        return this[name];
    }

    public static byte[] Npy<T>(string descr, IEnumerable<long> shape, ReadOnlySpan<T> values, int version = 1) where T : unmanaged
    {
        string sizes = string.Concat(shape.Select(size => $"{size}, "));
        string header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}\n";
        byte[] start = [0x93, .. "NUMPY"u8, (byte)version, 0];
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        else BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        return [.. start, .. length, .. Encoding.Latin1.GetBytes(header), .. MemoryMarshal.AsBytes(values)];
    }

    public static byte[] Idx(byte[] values, params int[] dimensions)
    {
        byte[] sizes = new byte[4 * dimensions.Length];
        for (int i = 0; i < dimensions.Length; i++) BinaryPrimitives.WriteInt32BigEndian(sizes.AsSpan(4 * i), dimensions[i]);
        return [0, 0, 8, (byte)dimensions.Length, .. sizes, .. values];
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(bytes);
        return memory.ToArray();
    }

    /// <summary>An image for <see cref="PlainDecoder"/>: every sample has its own value.</summary>
    public static byte[] Image(int height, int width, int first = 0)
        => [PlainDecoder.Magic, (byte)height, (byte)width, .. Enumerable.Range(0, 3 * height * width).Select(i => (byte)(first + i))];

    public static ValueSignature Floats(string name, params long[] dimensions) => new(name, ElementType.Float32, dimensions);

    public IDataset Open(string name, ValueSignature input, ValueSignature output, long cacheBytes = DatasetFile.DefaultCacheBytes, int seed = 1)
        => DatasetFile.Open(this[name], [input], [output], new PlainDecoder(), seed, cacheBytes, TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(Root, true);
}

/// <summary>Stands in for the native decoder: a magic byte, height, width, then the samples.</summary>
sealed class PlainDecoder : IImageDecoder
{
    public const byte Magic = 0xAB;

    public RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels)
        => encoded.Length >= 3 && encoded[0] == Magic && encoded.Length == 3 + 3 * encoded[1] * encoded[2] && encoded[1] * encoded[2] <= maxPixels
            ? new RgbImage(encoded[2], encoded[1], encoded[3..].ToArray())
            : throw new DataException("expected a plain image.");
}
