using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Makes an AveragePool that gives one number per channel what it is: GlobalAveragePool.</summary>
/// <remarks>
/// The runtime's integer kernel of the former takes several times as long: 3.9 instead of 0.5 µs for 25 × 5 positions of 64 channels. A window that leaves out the last
/// rows or columns is cut out first, which moves codes only. Only behind integer layers: in float both kernels are fast.
/// </remarks>
static class WholeImagePooling
{
    /// <summary>Replaces. The same numbers are averaged.</summary>
    /// <param name="rewrite">The network; at least operator set 13.</param>
    /// <param name="isIntegerLayer">Whether an operator becomes an integer layer.</param>
    public static void Apply(NetworkRewrite rewrite, Func<NodeProto, bool> isIntegerLayer)
    {
        var pools = rewrite.Graph.Node.Where(node => node.IsStandard("AveragePool") && IsBehind(node, rewrite.Index, isIntegerLayer)).ToArray();
        if (pools.Length == 0) return;
        var sizes = SpatialSizes.Of(rewrite.Graph);
        foreach (var node in pools)
        {
            if (!sizes.TryGetValue(node.Input[0], out var size) || sizes.GetValueOrDefault(node.FirstOutput()) != (1, 1)) continue;
            if (node.GetInts("kernel_shape") is not [var rows, var columns] || !IsPlain(node) || rows > size.Height || columns > size.Width) continue;
            if ((rows, columns) != size) node.Input[0] = Cut(rewrite, node.Input[0], rows, columns);
            node.OpType = "GlobalAveragePool";
            node.Attribute.Clear();
        }

        rewrite.Changed();
    }

    static bool IsBehind(NodeProto pool, GraphIndex index, Func<NodeProto, bool> isIntegerLayer)
    {
        var maker = index.Producer(pool.InputOrEmpty(0));
        if (maker is not null && (maker.IsStandard("Relu") || maker.IsStandard("Clip"))) maker = index.Producer(maker.Input[0]);
        return maker is not null && isIntegerLayer(maker);
    }

    static bool IsPlain(NodeProto node) =>
        (node.GetInts("pads") ?? []).All(pad => pad == 0) && (node.GetInts("dilations") ?? []).All(dilation => dilation == 1);

    static string Cut(NetworkRewrite rewrite, string value, long rows, long columns) => rewrite.Add(NodeBuilder.Node("Slice",
    [
        value,
        rewrite.AddInitializer("starts", Tensor.Of([2], [0L, 0])),
        rewrite.AddInitializer("ends", Tensor.Of([2], [rows, columns])),
        rewrite.AddInitializer("axes", Tensor.Of([2], [2L, 3])),
    ], [rewrite.Fresh(value + "_cut")]));
}
