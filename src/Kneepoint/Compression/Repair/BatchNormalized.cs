using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Repair;

/// <summary>Makes a network in which layers give the mean and the spread that they should, whatever they are fed: a normalization with the statistics of the batch behind each.</summary>
/// <remarks>One pass over the samples then shows what every layer is fed once all layers before it are corrected, as the training form of a batch normalization does. The network serves for that alone.</remarks>
static class BatchNormalized
{
    // Of the spread that is aimed at: what has none is not blown up.
    const float LeastSpread = 1e-3f;

    /// <summary>A copy of a network with normalizations.</summary>
    /// <param name="network">Not changed.</param>
    /// <param name="targets">For the output of each convolution to normalize, its mean and standard deviation per channel.</param>
    public static NetworkRewrite Of(OnnxModel network, IReadOnlyDictionary<string, ChannelStatistics> targets)
    {
        var copy = new NetworkRewrite(network);
        foreach (var layer in copy.Layers.ToArray())
        {
            if (targets.TryGetValue(layer.Value, out var target)) Normalize(copy, layer, target);
        }

        GraphOrder.Sort(copy.Graph);
        copy.Changed();
        return copy;
    }

    static void Normalize(NetworkRewrite copy, WeightedLayer layer, ChannelStatistics target)
    {
        string value = layer.Value;
        int rank = layer.WeightDimensions.Count;
        layer.Node.Output[0] = copy.Fresh(value + "_raw");
        long[] shape = [target.Mean.Length, .. Enumerable.Repeat(1L, rank - 2)];
        string Constant(string stem, IEnumerable<double> values) => copy.AddInitializer(value + stem, Tensor.Of(shape, [.. values.Select(number => (float)number)]));
        string Apply(string operation, params string[] inputs) => copy.Add(NodeBuilder.Node(operation, inputs, [copy.Fresh(value + "_n")]));
        string centered = Apply("Sub", layer.Node.Output[0], Mean(copy, value, layer.Node.Output[0], rank));
        string variance = Mean(copy, value, Apply("Mul", centered, centered), rank);
        string least = Constant("_least", target.Deviation.Select(deviation => Math.Max(1e-30, LeastSpread * LeastSpread * deviation * deviation)));
        string unit = Apply("Div", centered, Apply("Sqrt", Apply("Add", variance, least)));
        string scaled = Apply("Mul", unit, Constant("_spread", target.Deviation));
        copy.Add(NodeBuilder.Node("Add", [scaled, Constant("_mean", target.Mean)], [value]));
    }

    // Over the batch and all places.
    static string Mean(NetworkRewrite copy, string stem, string value, int rank)
    {
        long[] axes = [0, .. Enumerable.Range(2, rank - 2).Select(axis => (long)axis)];
        var node = NodeBuilder.Node("ReduceMean", [value], [copy.Fresh(stem + "_n")]).With("keepdims", 1L);
        if (Opsets.Version(copy.Model.Proto) >= 18) node.Input.Add(copy.AddInitializer(stem + "_axes", Tensor.Of([axes.Length], axes)));
        else node.With("axes", axes);
        return copy.Add(node);
    }
}
