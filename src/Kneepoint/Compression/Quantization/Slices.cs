using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Adds Slice nodes in the form of the network's operator set.</summary>
static class Slices
{
    /// <summary>Keeps the first elements along an axis.</summary>
    public static string Add(NetworkRewrite rewrite, string value, string stem, int axis, long count)
    {
        var slice = NodeBuilder.Node("Slice", [value], [rewrite.Fresh(stem + "_o")]);
        if (Opsets.Version(rewrite.Model.Proto) < 10) return rewrite.Add(slice.With("starts", [0L]).With("ends", [count]).With("axes", [(long)axis]));
        foreach (long number in new[] { 0, count, axis }) slice.Input.Add(rewrite.AddInitializer("slice", Tensor.Of([1], [number])));
        return rewrite.Add(slice);
    }
}
