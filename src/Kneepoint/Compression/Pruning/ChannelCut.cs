using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Pruning;

/// <summary>Takes channels out of a network: of every tensor that they lie in, and of the sizes that nodes state.</summary>
sealed class ChannelCut
{
    readonly NetworkRewrite _rewrite;
    readonly ChannelClasses _classes;
    readonly HashSet<int> _removed;

    ChannelCut(NetworkRewrite rewrite, ChannelTracker tracker, HashSet<int> removed) =>
        (_rewrite, _classes, _removed, Opset) = (rewrite, tracker.Classes, removed, tracker.Opset);

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; }

    /// <summary>Cuts.</summary>
    /// <param name="rewrite">The network that the tracker went through, unchanged since.</param>
    /// <param name="tracker">Where the channels lie.</param>
    /// <param name="removed">Classes; none that must stay, and not all of an axis.</param>
    /// <exception cref="RecipeNotApplicableException">The network without them has other shapes than it should.</exception>
    public static void Apply(NetworkRewrite rewrite, ChannelTracker tracker, IEnumerable<int> removed)
    {
        var cut = new ChannelCut(rewrite, tracker, [.. removed.Select(tracker.Classes.Of)]);
        var expected = tracker.Values.ToDictionary(value => value.Key, value => cut.SizesOf(value.Value), StringComparer.Ordinal);
        foreach (var change in tracker.Changes) change(cut);
        foreach (var (name, tensor) in tracker.Tensors) cut.CutTensor(name, tensor, tracker.Of(name)!);
        rewrite.Graph.ValueInfo.Clear();
        rewrite.Changed();
        Check(rewrite, expected);
    }

    /// <summary>How many places stay.</summary>
    public int Kept(ReadOnlySpan<int> places)
    {
        int kept = 0;
        foreach (int place in places) kept += IsRemoved(place) ? 0 : 1;
        return kept;
    }

    /// <summary>Lets a node take other integers.</summary>
    public void SetInput(NodeProto node, int input, long[] values)
    {
        var type = _rewrite.Index.TryConstant(node.InputOrEmpty(input), out var tensor) ? TensorData.TypeOf(tensor) : ElementType.Int64;
        while (node.Input.Count <= input) node.Input.Add("");
        node.Input[input] = _rewrite.AddInitializer(node.Input[input].Length > 0 ? node.Input[input] : "sizes",
            type == ElementType.Int32 ? Tensor.Of<int>(ElementType.Int32, [values.Length], Array.ConvertAll(values, value => (int)value)) : Tensor.Of([values.Length], values));
    }

    /// <summary>Lets a node take one other integer among those that it is given.</summary>
    public void ChangeInput(NodeProto node, int input, int index, long value)
    {
        if (!_rewrite.Index.TryConstant(node.Input[input], out var tensor))
        {
            // Changed before, for another axis: then it is an initializer.
            tensor = _rewrite.Graph.Initializer.First(initializer => initializer.Name == node.Input[input]);
        }

        long[] values = TensorData.ReadInt64(tensor, _rewrite.Model);
        values[index] = value;
        SetInput(node, input, values);
    }

    bool IsRemoved(int place) => _removed.Contains(_classes.Of(place));

    long[] SizesOf(ValueChannels value) => [.. value.Sizes.Select((size, axis) => value.Axes[axis] is { } places ? Kept(places) : size)];

    void CutTensor(string name, TensorProto tensor, ValueChannels channels)
    {
        if (!channels.Axes.Any(places => places is not null && Kept(places) < places.Length)) return;
        var whole = TensorData.Read(tensor, _rewrite.Model);
        int[][] kept = [.. channels.Sizes.Select((size, axis) => Enumerable.Range(0, (int)size).Where(i => channels.Axes[axis] is not { } places || !IsRemoved(places[i])).ToArray())];
        string cut = _rewrite.AddInitializer(name, Pick(whole, kept));
        foreach (var node in _rewrite.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (node.Input[i] == name) node.Input[i] = cut;
            }
        }
    }

    static Tensor Pick(Tensor whole, int[][] kept)
    {
        int width = Tensor.Bits(whole.ElementType) / 8;
        long[] sizes = [.. kept.Select(indices => (long)indices.Length)];
        byte[] bytes = new byte[sizes.Aggregate(1L, (a, b) => a * b) * width];
        int[] strides = new int[kept.Length];
        int stride = width;
        for (int axis = kept.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= (int)whole.Dimensions[axis];
        }

        var source = whole.Bytes.Span;
        int at = 0;
        Copy(0, 0, source);
        return new Tensor(whole.ElementType, sizes, bytes);

        void Copy(int axis, int offset, ReadOnlySpan<byte> all)
        {
            foreach (int index in kept[axis])
            {
                int from = offset + index * strides[axis];
                if (axis < kept.Length - 1)
                {
                    Copy(axis + 1, from, all);
                    continue;
                }

                all.Slice(from, width).CopyTo(bytes.AsSpan(at));
                at += width;
            }
        }
    }

    static void Check(NetworkRewrite rewrite, Dictionary<string, long[]> expected)
    {
        var found = ShapeInference.Infer(rewrite.Model, new InputShapes());
        foreach (var node in rewrite.Graph.Node)
        {
            foreach (string output in node.Output)
            {
                if (!expected.TryGetValue(output, out long[]? sizes) || found[output] is not { } shape || shape.Dimensions.SequenceEqual(sizes)) continue;
                throw new RecipeNotApplicableException(
                    $"Without the channels, {ElementwiseChannels.Where(node)} gives [{string.Join(", ", shape.Dimensions)}] in place of [{string.Join(", ", sizes)}]; nothing can be cut from this network safely.");
            }
        }
    }
}
