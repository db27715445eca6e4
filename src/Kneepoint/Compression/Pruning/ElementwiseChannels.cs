using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression.Pruning;

/// <summary>What operators on single elements, normalizations, poolings and reductions do with channels.</summary>
static class ElementwiseChannels
{
    /// <summary>Each element becomes another one.</summary>
    public static void Unary(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x)
        {
            tracker.Opaque(node);
            return;
        }

        foreach (string output in node.Output) tracker.Set(output, x.Axes);
    }

    /// <summary>Elements at the same place of several values become one.</summary>
    public static void Broadcast(ChannelTracker tracker, NodeProto node)
    {
        var inputs = node.Input.Where(input => input.Length > 0).Select(tracker.Of).ToList();
        if (tracker.SizesOf(node.FirstOutput()) is not { } sizes || inputs.Any(input => input is null))
        {
            tracker.Opaque(node);
            return;
        }

        tracker.Set(node.Output[0], tracker.Broadcast([.. inputs.OfType<ValueChannels>()], sizes.Length, Where(node)));
    }

    /// <summary>Bounds of Clip and the like are single numbers; anything else stays.</summary>
    public static void WithScalars(ChannelTracker tracker, NodeProto node)
    {
        foreach (string input in node.Input.Skip(1)) tracker.KeepAll(input, $"are read by {Where(node)}");
        Unary(tracker, node);
    }

    /// <summary>Each channel is normalized by itself, with parameters of its own.</summary>
    public static void PerChannel(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: >= 2 } x)
        {
            tracker.Opaque(node);
            return;
        }

        var axes = x.Axes.ToArray();
        foreach (string parameter in node.Input.Skip(1))
        {
            if (parameter.Length > 0 && tracker.Of(parameter) is { Rank: 1 } values && values.Sizes[0] > 1) axes[1] = tracker.Unite(axes[1], values.Axes[0], Where(node));
        }

        tracker.Set(node.Output[0], axes);
        foreach (string output in node.Output.Skip(1)) tracker.Set(output, new int[]?[tracker.SizesOf(output)?.Length ?? 0]);
    }

    /// <summary>A scale and a zero point for the tensor, or for each index of an axis.</summary>
    public static void Quantization(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x || tracker.Of(node.Input[1]) is not { Rank: <= 1 } scale || node.GetInt("block_size", 0) != 0)
        {
            tracker.Opaque(node);
            return;
        }

        var axes = x.Axes.ToArray();
        if (scale.Rank == 1 && scale.Sizes[0] > 1 && Axis(node.GetInt("axis", 1), x.Rank) is { } axis)
        {
            axes[axis] = tracker.Unite(axes[axis], scale.Axes[0], Where(node));
            if (node.InputOrEmpty(2).Length > 0 && tracker.Of(node.Input[2]) is { Rank: 1 } zero) axes[axis] = tracker.Unite(axes[axis], zero.Axes[0], Where(node));
        }

        tracker.Set(node.Output[0], axes);
    }

    /// <summary>Elements along axes are seen together: what lies along them stays.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="node">The node.</param>
    /// <param name="isTogether">Whether an axis is one of them, of so many.</param>
    public static void Together(ChannelTracker tracker, NodeProto node, Func<int, int, bool> isTogether)
    {
        if (tracker.Of(node.Input[0]) is not { } x)
        {
            tracker.Opaque(node);
            return;
        }

        foreach (string parameter in node.Input.Skip(1)) tracker.KeepAll(parameter, $"are read by {Where(node)}");
        var axes = x.Axes.ToArray();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (!isTogether(axis, x.Rank)) continue;
            tracker.Keep(axes[axis], $"are normalized together by {Where(node)}");
            axes[axis] = null;
        }

        foreach (string output in node.Output)
        {
            if (tracker.SizesOf(output)?.Length == x.Rank) tracker.Set(output, axes);
        }
    }

    /// <summary>The normalized axes of Softmax and its like.</summary>
    public static void Softmax(ChannelTracker tracker, NodeProto node)
    {
        long axis = node.GetInt("axis", tracker.Opset >= 13 ? -1 : 1);
        Together(tracker, node, (a, rank) => Axis(axis, rank) is not { } first || (tracker.Opset >= 13 ? a == first : a >= first));
    }

    /// <summary>Positions are pooled, each channel by itself.</summary>
    public static void Pooling(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: >= 3 } x)
        {
            tracker.Opaque(node);
            return;
        }

        for (int axis = 2; axis < x.Rank; axis++) tracker.Keep(x.Axes[axis], $"are positions at {Where(node)}");
        foreach (string output in node.Output)
        {
            var axes = new int[]?[x.Rank];
            (axes[0], axes[1]) = (x.Axes[0], x.Axes[1]);
            tracker.Set(output, axes);
        }
    }

    /// <summary>Axes are reduced to one element or left out; channels along them stay.</summary>
    public static void Reduction(ChannelTracker tracker, NodeProto node)
    {
        long[]? reduced = node.InputOrEmpty(1).Length > 0 ? tracker.Integers(node.Input[1]) : node.GetInts("axes") ?? [];
        if (tracker.Of(node.Input[0]) is not { } x || reduced is null)
        {
            tracker.Opaque(node);
            return;
        }

        if (reduced.Length == 0 && node.GetInt("noop_with_empty_axes", 0) == 0) reduced = [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)];
        Reduce(tracker, node, x, [.. reduced.Select(axis => axis < 0 ? axis + x.Rank : axis)]);
    }

    /// <summary>Where the largest element of an axis is.</summary>
    public static void ArgReduction(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is { } x && Axis(node.GetInt("axis", 0), x.Rank) is { } axis) Reduce(tracker, node, x, [axis]);
        else tracker.Opaque(node);
    }

    /// <summary>An axis as it counts from the first; null where it is none.</summary>
    public static int? Axis(long axis, int rank) => axis < -rank || axis >= rank ? null : (int)(axis < 0 ? axis + rank : axis);

    /// <summary>A node for sentences.</summary>
    public static string Where(NodeProto node) => $"'{node.FirstOutput()}' ({node.OpType})";

    static void Reduce(ChannelTracker tracker, NodeProto node, ValueChannels x, HashSet<long> reduced)
    {
        bool keeps = node.GetInt("keepdims", 1) != 0;
        var axes = new List<int[]?>();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (!reduced.Contains(axis))
            {
                axes.Add(x.Axes[axis]);
                continue;
            }

            tracker.Keep(x.Axes[axis], $"are reduced together by {Where(node)}");
            if (keeps) axes.Add(null);
        }

        tracker.Set(node.Output[0], [.. axes]);
    }
}
