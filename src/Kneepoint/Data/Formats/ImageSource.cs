using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>Image files with their labels.</summary>
/// <remarks>
/// With a folder per class the order goes round the classes (the first of each, then the second of each), so that any first n samples show all
/// classes; with a table of labels, or without labels, files are sorted by their path. Memory: the names of the files.
/// </remarks>
sealed class ImageSource : ISampleSource
{
    readonly IImageContainer _container;
    readonly LabeledImage[] _images;

    /// <summary>Joins a container and its labels.</summary>
    public ImageSource(IImageContainer container, ImageLabels labels)
    {
        _container = container;
        _images = [.. labels.Images];
        ClassNames = labels.ClassNames;
        Findings = labels.Findings;
        var image = new SampleField("image", FieldKind.EncodedImage, ElementType.UInt8, []);
        Fields = labels.IsLabeled ? [image, new SampleField("label", FieldKind.Array, ElementType.Int64, [])] : [image];
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(_container.Name);

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields { get; }

    /// <inheritdoc/>
    public long Count => _images.Length;

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index) => $"{Name}, '{_images[index].Path}'";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader(ImageSource source) : ISampleReader
    {
        readonly IImageReader _images = source._container.Open();
        long _next;

        public void Skip(long count) => _next += count;

        public void Read(SampleBlock block)
        {
            var (path, label) = source._images[_next];
            block.Begin(_next++);
            _images.Read(path, block, 0);
            if (source.Fields.Count > 1) BitConverter.TryWriteBytes(block.Append(1, sizeof(long)), label);
        }

        public void Dispose() => _images.Dispose();
    }
}
