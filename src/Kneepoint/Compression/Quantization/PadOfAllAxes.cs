using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Lets a Pad that names its axes name none: it then has pads for all axes.</summary>
/// <remarks>
/// ONNX Runtime 1.31.1 moves the transpositions around its integer convolutions through a Pad as if it had pads for all axes, and the network then ends in an error as it runs.
/// A Pad whose pads or axes are not fixed, or whose number of dimensions is not known, stays.
/// </remarks>
static class PadOfAllAxes
{
    /// <summary>Rewrites every such Pad. What is padded stays the same.</summary>
    public static void Apply(NetworkRewrite rewrite)
    {
        foreach (var node in rewrite.Graph.Node.Where(node => node.IsStandard("Pad") && node.InputOrEmpty(3).Length > 0).ToArray())
        {
            if (rewrite.RankOf(node.Input[0]) is not { } rank) continue;
            if (!rewrite.Index.TryConstant(node.Input[1], out var pads) || !rewrite.Index.TryConstant(node.Input[3], out var axes)) continue;
            if (Spread(TensorData.ReadInt64(pads, rewrite.Model), TensorData.ReadInt64(axes, rewrite.Model), rank) is not { } all) continue;
            node.Input[1] = rewrite.AddInitializer("pads", Tensor.Of([all.Length], all));
            node.Input.RemoveAt(3);
            rewrite.Changed();
        }
    }

    static long[]? Spread(long[] pads, long[] axes, int rank)
    {
        if (pads.Length != 2 * axes.Length) return null;
        long[] all = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            if (axis < 0 || axis >= rank) return null;
            (all[axis], all[rank + axis]) = (pads[i], pads[axes.Length + i]);
        }

        return all;
    }
}
