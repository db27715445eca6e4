using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;

namespace Kneepoint.Studies;

/// <summary>What a study is about: a network, data, a metric, and the runtime that all of it is measured on.</summary>
/// <param name="Baseline">The network.</param>
/// <param name="BaselineFile">Its path.</param>
/// <param name="Data">The samples.</param>
/// <param name="Metric">What accuracy means.</param>
/// <param name="Runtime">Runs networks.</param>
public sealed record Subject(OnnxModel Baseline, string BaselineFile, IDataset Data, IMetric Metric, INetworkRuntime Runtime)
{
    /// <summary>The batch that is fixed in the network's graph; null where it is free.</summary>
    public int? FixedBatchSize { get; init; }

    /// <summary>Tells what labels cost; null where the samples have no labels of classes.</summary>
    public NegativeLogLikelihood? Likelihood { get; init; }

    /// <summary>Samples of a run: as wished, unless the network fixes it.</summary>
    public int BatchSize(int wished) => FixedBatchSize ?? wished;

    /// <summary>Samples of a pass: as wished, rounded up to whole batches where the network fixes them.</summary>
    public long WholeBatches(long wished) => FixedBatchSize is { } batch ? (wished + batch - 1) / batch * batch : wished;
}
