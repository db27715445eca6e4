using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Adds Slice and Split nodes in the form of the network's operator set.</summary>
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

    /// <summary>Cuts a value along its first axis into pieces with the given names.</summary>
    public static void Split(NetworkRewrite rewrite, string value, string[] pieces, long[] sizes)
    {
        var split = NodeBuilder.Node("Split", [value], pieces);
        if (Opsets.Version(rewrite.Model.Proto) < 13) split.With("split", sizes);
        else split.Input.Add(rewrite.AddInitializer("split", Tensor.Of([sizes.Length], sizes)));
        rewrite.Add(split);
    }
}
