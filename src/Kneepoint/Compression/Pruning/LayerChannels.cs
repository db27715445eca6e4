using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression.Pruning;

/// <summary>What layers that multiply do with channels.</summary>
static class LayerChannels
{
    /// <summary>Conv: each output channel is one of the weight's rows, each input channel one of its columns.</summary>
    public static void Conv(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: >= 3 } x || tracker.Of(node.Input[1]) is not { } w || w.Rank != x.Rank)
        {
            tracker.Opaque(node);
            return;
        }

        long group = node.GetInt("group", 1);
        string where = $"'{node.FirstOutput()}' (Conv)";
        KeepSpatial(tracker, x, w, where);
        var (inputs, outputs) = (x.Axes[1], w.Axes[0]);
        if (group == 1)
        {
            inputs = x.Sizes[1] == 1 ? null : tracker.Unite(inputs, w.Axes[1], where);
        }
        else if (group == x.Sizes[1])
        {
            outputs = OnePerInput(tracker, node, inputs, outputs);
            inputs = null;
        }
        else
        {
            AcrossGroups(tracker, inputs, group);
            AcrossGroups(tracker, outputs, group);
            if (inputs is not null && w.Axes[1] is { } columns) tracker.Unite(inputs[..columns.Length], columns, where);
            else tracker.Unite(inputs, w.Axes[1], where);
            inputs = w.Axes[1];
        }

        Finish(tracker, node, x, outputs, inputs);
    }

    /// <summary>ConvTranspose: the weight lies the other way.</summary>
    public static void ConvTranspose(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: >= 3 } x || tracker.Of(node.Input[1]) is not { } w || w.Rank != x.Rank)
        {
            tracker.Opaque(node);
            return;
        }

        long group = node.GetInt("group", 1);
        string where = $"'{node.FirstOutput()}' (ConvTranspose)";
        KeepSpatial(tracker, x, w, where);
        var inputs = x.Sizes[1] == 1 ? null : tracker.Unite(x.Axes[1], w.Axes[0], where);
        var outputs = w.Axes[1];
        if (group > 1 && group == x.Sizes[1] && w.Sizes[1] == 1)
        {
            outputs = OnePerInput(tracker, node, inputs, inputs);
            inputs = null;
        }
        else if (group > 1)
        {
            AcrossGroups(tracker, inputs, group);
            outputs = outputs is null ? null : [.. Enumerable.Repeat(outputs, (int)group).SelectMany(places => places)];
        }

        Finish(tracker, node, x, outputs, inputs);
    }

    /// <summary>Gemm, with or without transposition.</summary>
    public static void Gemm(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: 2 } a || tracker.Of(node.Input[1]) is not { Rank: 2 } b)
        {
            tracker.Opaque(node);
            return;
        }

        string where = $"'{node.FirstOutput()}' (Gemm)";
        bool isATransposed = node.GetInt("transA", 0) != 0, isBTransposed = node.GetInt("transB", 0) != 0;
        var rows = a.Axes[isATransposed ? 1 : 0];
        var columns = b.Axes[isBTransposed ? 0 : 1];
        var inner = a.Sizes[isATransposed ? 0 : 1] == 1 ? null : tracker.Unite(a.Axes[isATransposed ? 0 : 1], b.Axes[isBTransposed ? 1 : 0], where);
        var axes = new[] { rows, columns };
        if (node.InputOrEmpty(2).Length > 0 && tracker.Of(node.Input[2]) is { } c)
        {
            axes = tracker.Broadcast([new ValueChannels([a.Sizes[isATransposed ? 1 : 0], b.Sizes[isBTransposed ? 0 : 1]], axes), c], 2, where);
        }

        AddProduct(tracker, node, rows, columns, inner);
        tracker.Set(node.Output[0], axes);
    }

    /// <summary>MatMul of matrices or of batches of them, be they fixed or not.</summary>
    public static void MatMul(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { Rank: >= 2 } a || tracker.Of(node.Input[1]) is not { Rank: >= 2 } b)
        {
            tracker.Opaque(node);
            return;
        }

        string where = $"'{node.FirstOutput()}' (MatMul)";
        var inner = a.Sizes[^1] == 1 ? null : tracker.Unite(a.Axes[^1], b.Axes[^2], where);
        int rank = Math.Max(a.Rank, b.Rank);
        var batch = tracker.Broadcast([Leading(a), Leading(b)], rank - 2, where);
        AddProduct(tracker, node, [.. batch, a.Axes[^2], b.Axes[^1], inner]);
        tracker.Set(node.Output[0], [.. batch, a.Axes[^2], b.Axes[^1]]);

        static ValueChannels Leading(ValueChannels value) => new(value.Sizes[..^2], value.Axes[..^2]);
    }

    // A depthwise layer, maybe with several outputs for each input: an output goes with its input, and groups are as many as inputs.
    static int[]? OnePerInput(ChannelTracker tracker, NodeProto node, int[]? inputs, int[]? outputs)
    {
        if (inputs is null || outputs is null || outputs.Length % inputs.Length != 0)
        {
            tracker.Keep(inputs, $"are read by '{node.FirstOutput()}' ({node.OpType})");
            tracker.Keep(outputs, $"are made of channels that stay by '{node.FirstOutput()}' ({node.OpType})");
            return null;
        }

        int each = outputs.Length / inputs.Length;
        for (int o = 0; o < outputs.Length; o++) tracker.Classes.Unite(outputs[o], inputs[o / each]);
        tracker.Changes.Add(cut => node.With("group", (long)cut.Kept(inputs)));
        return outputs;
    }

    // Every group must keep as many channels: those at the same place of each go together.
    static void AcrossGroups(ChannelTracker tracker, int[]? places, long group)
    {
        if (places is null) return;
        int each = places.Length / (int)group;
        for (int i = each; i < places.Length; i++) tracker.Classes.Unite(places[i], places[i % each]);
    }

    static void KeepSpatial(ChannelTracker tracker, ValueChannels x, ValueChannels w, string where)
    {
        tracker.Keep(x.Axes[0], $"are samples at {where}");
        for (int axis = 2; axis < x.Rank; axis++)
        {
            tracker.Keep(x.Axes[axis], $"are positions at {where}");
            tracker.Keep(w.Axes[axis], $"are positions at {where}");
        }
    }

    static void Finish(ChannelTracker tracker, NodeProto node, ValueChannels x, int[]? outputs, int[]? inputs)
    {
        if (node.InputOrEmpty(2).Length > 0 && tracker.Of(node.Input[2]) is { Rank: 1 } bias && bias.Sizes[0] > 1)
        {
            outputs = tracker.Unite(outputs, bias.Axes[0], $"'{node.FirstOutput()}' ({node.OpType})");
        }

        AddProduct(tracker, node, outputs, inputs);
        var axes = new int[]?[x.Rank];
        axes[1] = outputs;
        tracker.Set(node.Output[0], axes);
    }

    static void AddProduct(ChannelTracker tracker, NodeProto node, params int[]?[] factors) =>
        tracker.Products.Add((node, [.. factors.OfType<int[]>()]));
}
