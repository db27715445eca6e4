using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>An array in a file: NPY, an entry of NPZ, or IDX, plain or through gzip. The first dimension counts the samples.</summary>
sealed class ArrayFile
{
    /// <summary>Larger samples are refused: a batch must fit into one array.</summary>
    const long MaxSampleBytes = 1L << 30;

    readonly Func<Stream> _open;
    readonly long _headerBytes;

    ArrayFile(string name, Func<Stream> open, ArrayHeader header)
    {
        Name = name;
        _open = open;
        _headerBytes = header.HeaderBytes;
        ElementType = header.ElementType;
        IsBigEndian = header.IsBigEndian;
        Dimensions = header.Dimensions;
    }

    /// <summary>For messages: "digits.npz#x_test".</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>Whether the most significant byte of each element is first.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Outermost first; at least one.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>The number of samples.</summary>
    public long Count => Dimensions[0];

    /// <summary>The field that the array gives to each sample.</summary>
    public SampleField Field(string name) => new(name, FieldKind.Array, ElementType, [.. Dimensions.Skip(1)]);

    /// <summary>Opens the array at its first element.</summary>
    public Stream OpenData()
    {
        var stream = _open();
        try
        {
            ForwardStream.Skip(stream, _headerBytes, Name);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Opens an array file: "x.npy", "x.npy.gz", "x.idx", "x.idx.gz", or "x.npz#name".</summary>
    /// <exception cref="DataException">The file is missing, malformed, truncated, or claims more than it can hold.</exception>
    public static ArrayFile Open(string path)
    {
        int mark = path.LastIndexOf('#');
        if (mark > 0 && path.AsSpan(0, mark).EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) return FromArchive(path[..mark], path[(mark + 1)..]);
        string name = Path.GetFileName(path);
        using var stream = Files.OpenMaybeGzip(path, out bool isGzip);
        long length = Files.Try(path, () => FileLength.Of(path));
        var header = ArrayHeader.Read(stream, name);
        CheckSize(header, name, isGzip ? null : length, isGzip ? Files.MaxInflatedBytes(length) : length);
        return new ArrayFile(name, () => Files.OpenMaybeGzip(path, out _), header);
    }

    /// <summary>The names of the arrays of an NPZ file, in its order.</summary>
    /// <exception cref="DataException">The file is missing, no archive, or holds no array.</exception>
    public static IReadOnlyList<string> Names(string archive) => Files.Try(archive, () =>
    {
        using var zip = Files.OpenZip(archive);
        string[] names = [.. zip.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)).Select(entry => entry.FullName[..^4])];
        return names.Length > 0 ? names : throw new DataException($"'{archive}' holds no array: expected entries whose names end in .npy.");
    });

    static ArrayFile FromArchive(string archive, string array)
    {
        string name = $"{Path.GetFileName(archive)}#{array}";
        return Files.Try(archive, () =>
        {
            using var zip = Files.OpenZip(archive);
            var entry = zip.GetEntry($"{array}.npy") ?? throw new DataException(
                $"'{archive}' holds no array '{array}': it holds {string.Join(", ", Names(archive))}.");
            using var stream = entry.Open();
            var header = ArrayHeader.Read(stream, name);
            CheckSize(header, name, entry.Length, Files.MaxInflatedBytes(entry.CompressedLength));
            return new ArrayFile(name, () => OpenEntry(archive, $"{array}.npy"), header);
        });
    }

    static ZipEntryStream OpenEntry(string archive, string entry) => Files.Try(archive, () => new ZipEntryStream(archive, entry));

    static void CheckSize(ArrayHeader header, string name, long? exactBytes, long maxBytes)
    {
        if (header.Dimensions.Count == 0) throw new DataException($"{name} holds a single number: expected an array whose first dimension counts the samples.");
        if (header.Dimensions.Contains(0)) throw new DataException($"{name} is empty: its shape is [{string.Join(", ", header.Dimensions)}].");
        Int128 sampleBytes = Tensor.Bits(header.ElementType) / 8;
        foreach (long dimension in header.Dimensions.Skip(1))
        {
            sampleBytes *= dimension;
            if (sampleBytes > MaxSampleBytes) throw new DataException($"{name} has samples of more than {MaxSampleBytes} bytes: its shape is [{string.Join(", ", header.Dimensions)}].");
        }

        Int128 total = header.HeaderBytes + sampleBytes * header.Dimensions[0];
        if (exactBytes is { } exact && total != exact)
        {
            throw new DataException($"{name} is {(exact < total ? "truncated" : "too long")}: its header announces {total} bytes, the file holds {exact}.");
        }

        if (total > maxBytes) throw new DataException($"{name} announces {total} bytes, more than its compressed file can hold.");
    }
}
