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
}

/// <summary>What samples are used for.</summary>
public enum DataPart
{
    /// <summary>Ranges, sensitivities and choices are taken on these.</summary>
    Calibrate,

    /// <summary>Accuracy is measured on these, and nothing else is.</summary>
    Evaluate,
}
