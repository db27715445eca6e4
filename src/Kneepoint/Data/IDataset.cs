namespace Kneepoint.Data;

/// <summary>Samples with their targets, split into a part that calibrates and a part that evaluates.</summary>
/// <remarks>Samples are streamed: memory does not depend on their number. The order is fixed and the same on every machine.</remarks>
public interface IDataset : IDisposable
{
    /// <summary>What the metric is called in the data's description: "top1", "top5", "auc", "f1", "nll", "mse", "psnr"; "fidelity" without targets.</summary>
    string Metric { get; }

    /// <summary>The network's output that the metric reads; null for the first.</summary>
    string? Output => null;

    /// <summary>The largest value that a target can have, for "psnr"; null otherwise.</summary>
    double? Peak => null;

    /// <summary>Changes when any sample or target of either part changes; empty where nobody has read them all.</summary>
    ReadOnlyMemory<byte> ContentHash => default;

    /// <summary>The number of samples in a part.</summary>
    long Count(DataPart part);

    /// <summary>What was noticed so far: skipped files, samples that both parts share.</summary>
    IReadOnlyList<Finding> Findings { get; }

    /// <summary>
    /// Reads a part in order, at most <paramref name="limit"/> samples of it, in batches of the given size (the last may be smaller). A network
    /// whose batch is fixed gets batches of exactly its size instead.
    /// </summary>
    /// <exception cref="DataException">A file is missing or malformed.</exception>
    IEnumerable<SampleBatch> Read(DataPart part, int batchSize, long limit = long.MaxValue, CancellationToken cancellation = default);

    /// <summary>Reads some samples of a part, in batches as <see cref="Read"/> makes them, save that the last may be smaller where the network's batch is fixed too.</summary>
    /// <remarks>Goes once through the part, up to the last sample that is asked for; samples that are passed over are not decoded.</remarks>
    /// <param name="part">The part.</param>
    /// <param name="places">Where the samples stand in the order of <see cref="Read"/>, from 0, ascending, below <see cref="Count"/>.</param>
    /// <param name="batchSize">At least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DataException">A file is missing or malformed.</exception>
    IEnumerable<SampleBatch> ReadAt(DataPart part, IReadOnlyList<long> places, int batchSize, CancellationToken cancellation = default);
}

/// <summary>What samples are used for.</summary>
public enum DataPart
{
    /// <summary>Ranges, sensitivities and choices are taken on these.</summary>
    Calibrate,

    /// <summary>Accuracy is measured on these, and nothing else is.</summary>
    Evaluate,
}
