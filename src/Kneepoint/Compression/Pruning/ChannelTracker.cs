using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Pruning;

/// <summary>What the rules of operators know and say while a network is gone through: the places of each value, what is united, and what a cut changes.</summary>
/// <param name="rewrite">The network.</param>
/// <param name="shapes">The shapes of its values.</param>
/// <param name="splits">For each way in which an axis is split into several, the one that carries the channels.</param>
sealed class ChannelTracker(NetworkRewrite rewrite, ShapeTable shapes, IReadOnlyDictionary<string, int> splits)
{
    // Longer axes are no channels.
    const long LongestAxis = 1 << 20;

    readonly Dictionary<string, ValueChannels> _values = new(StringComparer.Ordinal);

    /// <summary>The classes of places.</summary>
    public ChannelClasses Classes { get; } = new();

    /// <summary>The graph.</summary>
    public GraphIndex Index { get; } = rewrite.Index;

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; } = Opsets.Version(rewrite.Model.Proto, "");

    /// <summary>Fixed tensors that take part, in the order in which they were met.</summary>
    public OrderedDictionary<string, TensorProto> Tensors { get; } = [];

    /// <summary>What a cut changes in nodes.</summary>
    public List<Action<ChannelCut>> Changes { get; } = [];

    /// <summary>Nodes that multiply, and the axes that their multiply-accumulates are proportional to.</summary>
    public List<(NodeProto Node, int[][] Factors)> Products { get; } = [];

    /// <summary>The ways in which axes are split into several, with the number of choices.</summary>
    public OrderedDictionary<string, int> Splits { get; } = [];

    /// <summary>The values that nodes made, with their places.</summary>
    public IEnumerable<KeyValuePair<string, ValueChannels>> Values => _values;

    /// <summary>The places of a value; null where its shape is not known.</summary>
    public ValueChannels? Of(string value)
    {
        if (_values.TryGetValue(value, out var channels)) return channels;
        if (Index.TryConstant(value, out var tensor)) return _values[value] = OfTensor(value, tensor);
        return shapes[value] is { } shape ? ValueChannels.Fixed([.. shape.Dimensions]) : null;
    }

    /// <summary>The shape of a value; null where it is not known.</summary>
    public long[]? SizesOf(string value) => shapes[value] is { } shape ? [.. shape.Dimensions] : null;

    /// <summary>The integers of a fixed tensor; null where it is not fixed.</summary>
    public long[]? Integers(string value) =>
        value.Length > 0 && Index.TryConstant(value, out var tensor) && TensorData.TypeOf(tensor) is ElementType.Int64 or ElementType.Int32
            ? TensorData.ReadInt64(tensor, rewrite.Model) : null;

    /// <summary>Says what places an output has.</summary>
    public void Set(string value, params int[]?[] axes)
    {
        if (value.Length == 0) return;
        if (SizesOf(value) is not { } sizes || sizes.Length != axes.Length)
        {
            foreach (var places in axes) Keep(places, $"reach '{value}', whose shape is not known");
            return;
        }

        var kept = new int[]?[axes.Length];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            if (axes[axis] is { } places && places.Length == sizes[axis] && places.Length > 1) kept[axis] = places;
            else Keep(axes[axis], $"reach '{value}' in another number");
        }

        _values[value] = new ValueChannels(sizes, kept);
        if (Index.IsGraphOutput(value)) KeepAll(value, $"reach the network's output '{value}'");
        else if (IsCaptured(value)) KeepAll(value, $"are read inside a subgraph as '{value}'");
    }

    /// <summary>Says that a node's outputs cannot be cut, and nothing that it takes either.</summary>
    public void Opaque(NodeProto node)
    {
        foreach (string input in node.Input) KeepAll(input, $"are read by '{node.FirstOutput()}' ({node.OpType})");
        foreach (string output in node.Output)
        {
            if (SizesOf(output) is { } sizes) _values[output] = ValueChannels.Fixed(sizes);
        }
    }

    /// <summary>Lets all channels of a value stay.</summary>
    public void KeepAll(string value, string reason)
    {
        if (value.Length == 0 || Of(value) is not { } channels) return;
        foreach (var places in channels.Axes) Keep(places, reason);
    }

    /// <summary>Lets channels stay.</summary>
    public void Keep(ReadOnlySpan<int> places, string reason)
    {
        foreach (int place in places) Classes.Keep(place, reason);
    }

    /// <summary>Unites the places of two axes of one length; where one cannot be cut, the other stays.</summary>
    public int[]? Unite(int[]? first, int[]? second, string where)
    {
        if (first is null || second is null || first.Length != second.Length)
        {
            Keep(first, $"meet others at {where}");
            Keep(second, $"meet others at {where}");
            return null;
        }

        for (int i = 0; i < first.Length; i++) Classes.Unite(first[i], second[i]);
        return first;
    }

    /// <summary>Axes of inputs that are broadcast to each other, aligned at the last.</summary>
    /// <returns>The axes of the result.</returns>
    public int[]?[] Broadcast(IReadOnlyList<ValueChannels> inputs, int rank, string where)
    {
        var axes = new int[]?[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            var wide = inputs.Where(input => axis - rank + input.Rank >= 0)
                .Select(input => (Size: input.Sizes[axis - rank + input.Rank], Places: input.Axes[axis - rank + input.Rank]))
                .Where(side => side.Size > 1).ToArray();
            if (wide.Length == 0) continue;
            axes[axis] = wide[0].Places;
            foreach (var (_, places) in wide.Skip(1)) axes[axis] = Unite(axes[axis], places, where);
        }

        return axes;
    }

    /// <summary>Which of several axes carries the channels of one that is split into them.</summary>
    public int Carrier(string pattern, int choices)
    {
        Splits[pattern] = choices;
        return splits.GetValueOrDefault(pattern);
    }

    bool IsCaptured(string value) => Index.Consumers(value).Any(use => use.Node != use.Owner || use.InputIndex < 0);

    ValueChannels OfTensor(string name, TensorProto tensor)
    {
        long[] sizes = [.. tensor.Dims];
        if (Tensor.Bits(TensorData.TypeOf(tensor)) < 8 || IsCaptured(name) || Index.IsGraphOutput(name)) return ValueChannels.Fixed(sizes);
        Tensors[name] = tensor;
        return new ValueChannels(sizes, [.. sizes.Select(size => size is > 1 and <= LongestAxis ? Classes.Add((int)size) : null)]);
    }
}
