using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>Records of equal length in a binary file: the CIFAR-10 and CIFAR-100 batches.</summary>
/// <remarks>Source: the "binary version" described on the CIFAR page: label bytes, then 1,024 red, 1,024 green and 1,024 blue bytes of a 32 × 32 image.</remarks>
sealed class RecordSource : ISampleSource
{
    const int PixelBytes = 3 * 32 * 32;

    readonly string _file;
    readonly int _labelBytes;

    RecordSource(string file, int labelBytes, long count)
    {
        _file = file;
        _labelBytes = labelBytes;
        Count = count;
        Name = Path.GetFileName(file);
        var image = new SampleField("image", FieldKind.Array, ElementType.UInt8, [3, 32, 32]);
        var label = new SampleField("label", FieldKind.Array, ElementType.UInt8, []);
        var coarse = new SampleField("coarse", FieldKind.Array, ElementType.UInt8, []);
        Fields = labelBytes == 1 ? [image, label] : [image, label, coarse];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => [];

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => null;

    /// <summary>Opens a batch; its length tells CIFAR-10 (one label byte) from CIFAR-100 (two: coarse, fine).</summary>
    /// <exception cref="DataException">The length fits neither.</exception>
    public static RecordSource Open(string file)
    {
        using var stream = Files.Open(file);
        long bytes = stream.Length;
        for (int labelBytes = 1; labelBytes <= 2; labelBytes++)
        {
            if (bytes > 0 && bytes % (labelBytes + PixelBytes) == 0) return new RecordSource(file, labelBytes, bytes / (labelBytes + PixelBytes));
        }

        throw new DataException($"'{file}' has {bytes} bytes: expected a multiple of {1 + PixelBytes} (CIFAR-10) or {2 + PixelBytes} (CIFAR-100).");
    }

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index) => $"{Name}, sample {index}";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader(RecordSource source) : ISampleReader
    {
        readonly FileStream _stream = Files.Open(source._file);
        long _next;

        public void Skip(long count)
        {
            ForwardStream.Skip(_stream, count * (source._labelBytes + PixelBytes), source.Name);
            _next += count;
        }

        public void Read(SampleBlock block)
        {
            Span<byte> labels = stackalloc byte[2];
            block.Begin(_next++);
            ForwardStream.ReadExactly(_stream, labels[..source._labelBytes], source.Name);
            ForwardStream.ReadExactly(_stream, block.Append(0, PixelBytes), source.Name);
            block.Append(1, 1)[0] = labels[source._labelBytes - 1];
            if (source._labelBytes == 2) block.Append(2, 1)[0] = labels[0];
        }

        public void Dispose() => _stream.Dispose();
    }
}
