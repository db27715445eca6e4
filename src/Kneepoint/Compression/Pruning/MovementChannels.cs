using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using static Kneepoint.Compression.Pruning.ElementwiseChannels;

namespace Kneepoint.Compression.Pruning;

/// <summary>What operators that move elements do with channels.</summary>
static class MovementChannels
{
    /// <summary>Transpose: axes change their order.</summary>
    public static void Transpose(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x)
        {
            tracker.Opaque(node);
            return;
        }

        long[] order = node.GetInts("perm") ?? [.. Enumerable.Range(0, x.Rank).Reverse().Select(axis => (long)axis)];
        tracker.Set(node.Output[0], [.. order.Select(axis => x.Axes[axis])]);
    }

    /// <summary>Concat: places one behind the other.</summary>
    public static void Concat(ChannelTracker tracker, NodeProto node)
    {
        var inputs = node.Input.Select(tracker.Of).OfType<ValueChannels>().ToArray();
        if (inputs.Length != node.Input.Count || inputs.Any(input => input.Rank != inputs[0].Rank) || Axis(node.GetInt("axis", 1), inputs[0].Rank) is not { } axis)
        {
            tracker.Opaque(node);
            return;
        }

        var axes = tracker.Broadcast([.. inputs.Select(input => new ValueChannels([.. input.Sizes[..axis], 1, .. input.Sizes[(axis + 1)..]], input.Axes))], inputs[0].Rank, Where(node));
        if (inputs.Any(input => input.Axes[axis] is not null))
        {
            // What cannot be cut has places of its own, which stay.
            axes[axis] = [.. inputs.SelectMany(input => input.Axes[axis] ?? Kept(tracker, (int)input.Sizes[axis], node))];
        }

        tracker.Set(node.Output[0], axes);
    }

    /// <summary>Split: each output takes the next places.</summary>
    public static void Split(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x || Axis(node.GetInt("axis", 0), x.Rank) is not { } axis
            || node.Output.Any(output => tracker.SizesOf(output)?.Length != x.Rank))
        {
            tracker.Opaque(node);
            return;
        }

        var parts = new List<int[]>();
        int at = 0;
        foreach (string output in node.Output)
        {
            int size = (int)tracker.SizesOf(output)![axis];
            var axes = x.Axes.ToArray();
            axes[axis] = x.Axes[axis]?[at..(at + size)];
            if (axes[axis] is { } part) parts.Add(part);
            tracker.Set(output, axes);
            at += size;
        }

        if (parts.Count > 0) tracker.Changes.Add(cut => SetSizes(node, cut, [.. parts.Select(part => (long)cut.Kept(part))]));
    }

    /// <summary>Slice: a run of places; other steps than 1 keep what they go through.</summary>
    public static void Slice(ChannelTracker tracker, NodeProto node)
    {
        bool hasInputs = node.Input.Count > 1;
        if (tracker.Of(node.Input[0]) is not { } x || Parameter(1, "starts") is not { } starts || Parameter(2, "ends") is not { } ends || starts.Length != ends.Length)
        {
            tracker.Opaque(node);
            return;
        }

        long[]? sliced = IsGiven(3, "axes") ? Parameter(3, "axes") : [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        long[]? steps = node.InputOrEmpty(4).Length > 0 ? tracker.Integers(node.Input[4]) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (sliced is null || steps is null || sliced.Length != starts.Length || steps.Length != starts.Length)
        {
            tracker.Opaque(node);
            return;
        }

        var axes = x.Axes.ToArray();
        var runs = new List<(int Index, int[] Before, int[] Inside)>();
        for (int i = 0; i < starts.Length; i++)
        {
            if (Axis(sliced[i], x.Rank) is not { } axis || axes[axis] is not { } places) continue;
            long size = x.Sizes[axis];
            int start = (int)Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            int end = (int)Math.Clamp(ends[i] < 0 ? ends[i] + size : ends[i], start, size);
            if (steps[i] != 1)
            {
                tracker.Keep(places, $"are picked one by one by {Where(node)}");
                axes[axis] = null;
                continue;
            }

            axes[axis] = places[start..end];
            runs.Add((i, places[..start], places[start..end]));
        }

        tracker.Set(node.Output[0], axes);
        if (runs.Count == 0) return;
        tracker.Changes.Add(cut =>
        {
            long[] newStarts = [.. starts], newEnds = [.. ends];
            foreach (var (index, before, inside) in runs)
            {
                newStarts[index] = cut.Kept(before);
                newEnds[index] = newStarts[index] + cut.Kept(inside);
            }

            if (hasInputs)
            {
                cut.SetInput(node, 1, newStarts);
                cut.SetInput(node, 2, newEnds);
            }
            else
            {
                node.With("starts", newStarts);
                node.With("ends", newEnds);
            }
        });

        bool IsGiven(int input, string attribute) => hasInputs ? node.InputOrEmpty(input).Length > 0 : node.Attribute(attribute) is not null;
        long[]? Parameter(int input, string attribute) => hasInputs ? tracker.Integers(node.InputOrEmpty(input)) : node.GetInts(attribute);
    }

    /// <summary>Gather: whole slices are picked; what lies along the axis stays.</summary>
    public static void Gather(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x || tracker.SizesOf(node.Input[1]) is not { } indices || Axis(node.GetInt("axis", 0), x.Rank) is not { } axis)
        {
            tracker.Opaque(node);
            return;
        }

        tracker.Keep(x.Axes[axis], $"are picked by {Where(node)}");
        tracker.Set(node.Output[0], [.. x.Axes[..axis], .. new int[]?[indices.Length], .. x.Axes[(axis + 1)..]]);
    }

    /// <summary>Pad: added channels are places of their own.</summary>
    public static void Pad(ChannelTracker tracker, NodeProto node)
    {
        bool hasInputs = node.Input.Count > 1;
        long[]? pads = hasInputs ? tracker.Integers(node.Input[1]) : node.GetInts("pads");
        if (tracker.Of(node.Input[0]) is not { } x || pads is null || pads.Length != 2 * x.Rank || node.InputOrEmpty(3).Length > 0)
        {
            tracker.Opaque(node);
            return;
        }

        bool isConstant = node.GetString("mode", "constant") == "constant";
        var axes = x.Axes.ToArray();
        var added = new List<(int Axis, int[] Before, int[] Behind)>();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            (long before, long behind) = (pads[axis], pads[x.Rank + axis]);
            if (axes[axis] is not { } places || (before == 0 && behind == 0)) continue;
            if (before < 0 || behind < 0 || !isConstant)
            {
                tracker.Keep(places, $"are padded by {Where(node)}");
                axes[axis] = null;
                continue;
            }

            int[] first = tracker.Classes.Add((int)before), last = tracker.Classes.Add((int)behind);
            axes[axis] = [.. first, .. places, .. last];
            added.Add((axis, first, last));
        }

        tracker.Set(node.Output[0], axes);
        if (added.Count == 0) return;
        tracker.Changes.Add(cut =>
        {
            long[] all = [.. pads];
            foreach (var (axis, before, behind) in added) (all[axis], all[x.Rank + axis]) = (cut.Kept(before), cut.Kept(behind));
            if (hasInputs) cut.SetInput(node, 1, all);
            else node.With("pads", all);
        });
    }

    /// <summary>Resize and Upsample: an axis that keeps its size keeps its places.</summary>
    public static void Resize(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x || tracker.SizesOf(node.Output[0]) is not { } sizes || sizes.Length != x.Rank)
        {
            tracker.Opaque(node);
            return;
        }

        long[]? given = node.InputOrEmpty(3).Length > 0 ? tracker.Integers(node.Input[3]) : [];
        if (given is null || (given.Length > 0 && given.Length != x.Rank))
        {
            tracker.Opaque(node);
            return;
        }

        var axes = x.Axes.ToArray();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (sizes[axis] == x.Sizes[axis]) continue;
            tracker.Keep(axes[axis], $"are resized by {Where(node)}");
            axes[axis] = null;
        }

        tracker.Set(node.Output[0], axes);
        if (given.Length > 0 && axes.Any(places => places is not null))
        {
            tracker.Changes.Add(cut => cut.SetInput(node, 3, [.. given.Select((size, axis) => axes[axis] is { } places ? cut.Kept(places) : size)]));
        }
    }

    /// <summary>Shape: only the axes whose sizes are read must stay.</summary>
    public static void Shape(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x) return;
        var read = new HashSet<long>();
        foreach (var use in tracker.Index.Consumers(node.Output[0]))
        {
            long[]? picked = use.Node == use.Owner && use.InputIndex == 0 && use.Node.IsStandard("Gather") && node.Attribute.Count == 0
                ? tracker.Integers(use.Node.Input[1]) : null;
            if (picked is null && use.Node == use.Owner && use.InputIndex == 0 && use.Node.IsStandard("Slice") && node.Attribute.Count == 0) picked = Picked(tracker, use.Node, x.Rank);
            foreach (long axis in picked ?? [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)]) read.Add(axis < 0 ? axis + x.Rank : axis);
        }

        bool leaves = tracker.Index.IsGraphOutput(node.Output[0]);
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (leaves || read.Contains(axis)) tracker.Keep(x.Axes[axis], $"are counted by {Where(node)}");
        }
    }

    static long[]? Picked(ChannelTracker tracker, NodeProto slice, int rank)
    {
        long[]? starts = slice.Input.Count > 1 ? tracker.Integers(slice.Input[1]) : slice.GetInts("starts");
        long[]? ends = slice.Input.Count > 2 ? tracker.Integers(slice.Input[2]) : slice.GetInts("ends");
        if (starts is not [var start] || ends is not [var end] || slice.InputOrEmpty(4).Length > 0) return null;
        (start, end) = (Math.Clamp(start < 0 ? start + rank : start, 0, rank), Math.Clamp(end < 0 ? end + rank : end, 0, rank));
        return [.. Enumerable.Range((int)start, (int)Math.Max(0, end - start)).Select(axis => (long)axis)];
    }

    static int[] Kept(ChannelTracker tracker, int count, NodeProto node)
    {
        int[] places = tracker.Classes.Add(count);
        tracker.Keep(places, $"meet others at {Where(node)}");
        return places;
    }

    static void SetSizes(NodeProto node, ChannelCut cut, long[] sizes)
    {
        node.Without("num_outputs");
        if (cut.Opset >= 13) cut.SetInput(node, 1, sizes);
        else node.With("split", sizes);
    }
}
