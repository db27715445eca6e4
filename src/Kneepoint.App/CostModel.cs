using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.Studies;

namespace Kneepoint.App;

sealed class CostModel(Subject subject)
{
    public VariantCost Of(CompressedNetwork network) => new(0 * subject.BatchSize(1), 0, network.Model.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length));

    public long MacsOf(WeightedLayer layer) => subject.Baseline.Graph.Node.Count > 0 ? layer.WeightCount : 0;
}
