using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>What a study is about: a network, data, a metric, and the runtime that all of it is measured on.</summary>
/// <param name="Baseline">The network.</param>
/// <param name="BaselineFile">Its path.</param>
/// <param name="Data">The samples.</param>
/// <param name="Metric">What accuracy means.</param>
/// <param name="Runtime">Runs networks.</param>
public sealed record Subject(OnnxModel Baseline, string BaselineFile, IDataset Data, IMetric Metric, INetworkRuntime Runtime)
{
    /// <summary>The inputs that latency and memory are measured with: the first evaluation samples.</summary>
    /// <param name="batch">Samples; fewer if the part has fewer or the network fixes its batch.</param>
    /// <exception cref="DataException">The part is empty or cannot be read.</exception>
    public IReadOnlyDictionary<string, Tensor> FirstInputs(int batch) =>
        Data.Read(DataPart.Evaluate, batch, batch).First().Inputs;
}
