using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using static Kneepoint.Compression.Pruning.ElementwiseChannels;

namespace Kneepoint.Compression.Pruning;

/// <summary>What operators that only name the axes anew do with channels: Reshape, Flatten, Squeeze, Unsqueeze.</summary>
/// <remarks>
/// Axes are paired from the first on wherever their sizes multiply to the same. One axis that becomes one stays; several that become one give it the channels of the only one that had
/// some, each as often as the others ask; one that becomes several gives its channels to one of them (<see cref="ChannelTracker.Carrier"/>), so that those which then lie at
/// one place go together: heads of attention, or the same place of every head. Anything else stays.
/// </remarks>
static class ReshapeChannels
{
    /// <summary>Any of them; only Reshape has a shape to change.</summary>
    public static void Apply(ChannelTracker tracker, NodeProto node)
    {
        if (tracker.Of(node.Input[0]) is not { } x || tracker.SizesOf(node.Output[0]) is not { } sizes)
        {
            tracker.Opaque(node);
            return;
        }

        var axes = new int[]?[sizes.Length];
        int i = 0, o = 0;
        while (i < x.Rank || o < sizes.Length)
        {
            (int firstIn, int firstOut) = (i, o);
            long left = i < x.Rank ? x.Sizes[i++] : 1, right = o < sizes.Length ? sizes[o++] : 1;
            while (left != right)
            {
                if (left < right && i < x.Rank)
                {
                    left *= x.Sizes[i++];
                }
                else if (left > right && o < sizes.Length)
                {
                    right *= sizes[o++];
                }
                else
                {
                    tracker.Opaque(node);
                    return;
                }
            }

            Segment(tracker, node, x, sizes, axes, [.. Wide(x.Sizes, firstIn, i)], [.. Wide(sizes, firstOut, o)]);
        }

        if (node.OpType == "Reshape") ChangeShape(tracker, node, axes);
        tracker.Set(node.Output[0], axes);
    }

    static IEnumerable<int> Wide(long[] sizes, int first, int end) => Enumerable.Range(first, end - first).Where(axis => sizes[axis] != 1);

    static void Segment(ChannelTracker tracker, NodeProto node, ValueChannels x, long[] sizes, int[]?[] axes, int[] from, int[] to)
    {
        if (from.Length == 1 && to.Length == 1)
        {
            axes[to[0]] = x.Axes[from[0]];
        }
        else if (from.Length > 1 && to.Length == 1 && from.Count(axis => x.Axes[axis] is not null) == 1)
        {
            axes[to[0]] = Merged(x, from, (int)sizes[to[0]]);
        }
        else if (from.Length == 1 && to.Length > 1 && x.Axes[from[0]] is { } places)
        {
            string pattern = string.Join(' ', to.Select(axis => sizes[axis]));
            int carrier = tracker.Carrier(pattern, to.Length);
            axes[to[carrier]] = Carried(tracker, places, [.. to.Select(axis => (int)sizes[axis])], carrier);
        }
        else
        {
            foreach (int axis in from) tracker.Keep(x.Axes[axis], $"are taken apart by {Where(node)}");
        }
    }

    static int[] Merged(ValueChannels x, int[] from, int size)
    {
        int carrier = Array.FindIndex(from, axis => x.Axes[axis] is not null);
        int[] places = x.Axes[from[carrier]]!;
        int inner = 1;
        foreach (int axis in from[(carrier + 1)..]) inner *= (int)x.Sizes[axis];
        int[] merged = new int[size];
        for (int index = 0; index < size; index++) merged[index] = places[index / inner % places.Length];
        return merged;
    }

    static int[] Carried(ChannelTracker tracker, int[] places, int[] sizes, int carrier)
    {
        int inner = 1;
        foreach (int size in sizes[(carrier + 1)..]) inner *= size;
        int[] carried = new int[sizes[carrier]];
        carried.AsSpan().Fill(-1);
        for (int index = 0; index < places.Length; index++)
        {
            ref int place = ref carried[index / inner % carried.Length];
            if (place < 0) place = places[index];
            else tracker.Classes.Unite(place, places[index]);
        }

        return carried;
    }

    // The sizes that a Reshape is given: fixed as a whole, or put together from pieces of which that for an axis is fixed.
    static void ChangeShape(ChannelTracker tracker, NodeProto node, int[]?[] axes)
    {
        if (axes.All(places => places is null)) return;
        if (tracker.Integers(node.InputOrEmpty(1)) is { } shape)
        {
            tracker.Changes.Add(cut => cut.SetInput(node, 1, [.. shape.Select((size, axis) => size > 0 && axes[axis] is { } places ? cut.Kept(places) : size)]));
            return;
        }

        var concat = tracker.Index.Producer(node.InputOrEmpty(1));
        for (int axis = 0; axis < axes.Length; axis++)
        {
            if (axes[axis] is not { } places) continue;
            if (concat is not null && concat.IsStandard("Concat") && tracker.Index.Consumers(concat.Output[0]).Count == 1
                && Piece(tracker, concat, axis) is var (input, index) && tracker.Integers(concat.Input[input]) is { } piece)
            {
                if (piece[index] <= 0) continue;
                tracker.Changes.Add(cut => cut.ChangeInput(concat, input, index, cut.Kept(places)));
            }
            else
            {
                tracker.Keep(places, $"are counted by the network itself at {Where(node)}");
                axes[axis] = null;
            }
        }
    }

    static (int Input, int Index)? Piece(ChannelTracker tracker, NodeProto concat, int axis)
    {
        for (int input = 0; input < concat.Input.Count; input++)
        {
            if (tracker.SizesOf(concat.Input[input]) is not [var size]) return null;
            if (axis < size) return (input, axis);
            axis -= (int)size;
        }

        return null;
    }
}
