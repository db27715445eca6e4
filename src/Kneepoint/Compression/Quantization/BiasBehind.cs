using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Finds the Add that gives a MatMul its bias, and takes it into the MatMul's replacement.</summary>
static class BiasBehind
{
    /// <summary>Takes the Add away: the node then gives what the Add gave.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="node">A product whose kernel can add a bias per column.</param>
    /// <param name="columns">The number of columns.</param>
    /// <returns>The value with the bias, [columns]; null if nothing but an Add of such a fixed value uses the product.</returns>
    public static string? Absorb(NetworkRewrite rewrite, NodeProto node, long columns)
    {
        var index = rewrite.Index;
        string product = node.FirstOutput();
        if (index.IsGraphOutput(product) || index.Consumers(product) is not [{ } use] || !use.Node.IsStandard("Add") || use.Node != use.Owner) return null;
        string bias = use.Node.InputOrEmpty(1 - use.InputIndex);
        if (!index.TryConstant(bias, out var tensor) || TensorData.TypeOf(tensor) != ElementType.Float32) return null;
        // A leading one widens the product of a vector, and of nothing else.
        if (tensor.Dims.Count is 0 or > 2 || tensor.Dims[^1] != columns || TensorData.Count(tensor) != columns) return null;
        if (tensor.Dims.Count == 2 && rewrite.RankOf(product) is null or < 2) return null;
        if (tensor.Dims.Count > 1) bias = rewrite.AddInitializer(bias, Tensor.Of([columns], TensorData.ReadFloat32(tensor, rewrite.Model)));
        node.Output[0] = use.Node.Output[0];
        rewrite.Graph.Node.Remove(use.Node);
        rewrite.Changed();
        return bias;
    }
}
