namespace Kneepoint.Data.Formats;

/// <summary>Samples without data: all inputs are generated.</summary>
sealed class SyntheticSource(long count) : ISampleSource
{
    /// <inheritdoc/>
    public string Name => "synthetic data";

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields => [];

    /// <inheritdoc/>
    public long Count => count;

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => [];

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => null;

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader();

    /// <inheritdoc/>
    public string Place(long index) => $"generated sample {index}";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader : ISampleReader
    {
        long _next;

        public void Skip(long count) => _next += count;

        public void Read(SampleBlock block) => block.Begin(_next++);

        public void Dispose()
        {
        }
    }
}
