using Kneepoint.Compression.Pruning;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Compression.Repair;

/// <summary>Which channels of a network can be scaled without changing what it computes, and which tensors take the factors.</summary>
/// <remarks>
/// The rules of <see cref="ChannelGraph"/>, but channels go together only where they must bear the same factor: a depthwise convolution, a product with a fixed tensor and the scale of a normalization
/// have factors of their own on both sides. What is not homogeneous (f(s·x) = s·f(x) for s &gt; 0) lets its channels stay: ReLU passes factors, sigmoid and a clip at 6 do not.
/// </remarks>
sealed class ScaleGraph
{
    static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "Relu", "LeakyRelu", "PRelu", "Identity", "Dropout", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
        "Concat", "Split", "Slice", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "Add", "Sub", "Sum", "Max", "Min", "Shape",
    };

    readonly NetworkRewrite _rewrite;
    readonly List<ScaledAxis> _axes = [];

    ScaleGraph(NetworkRewrite rewrite)
    {
        _rewrite = rewrite;
        Tracker = new ChannelTracker(rewrite, ShapeInference.Infer(rewrite.Model, new InputShapes()), new Dictionary<string, int>());
        foreach (var node in rewrite.Graph.Node) Apply(node);

        // A tensor that several nodes take would change for all of them.
        foreach (var axis in _axes)
        {
            if (rewrite.Index.Consumers(axis.Tensor).Count > 1) Tracker.Keep(axis.Places, "share a tensor");
        }
    }

    /// <summary>The classes: channels that bear the same factor.</summary>
    public ChannelTracker Tracker { get; }

    /// <summary>The axes of fixed tensors that are divided or multiplied.</summary>
    public IReadOnlyList<ScaledAxis> Axes => _axes;

    /// <summary>Goes through a network.</summary>
    public static ScaleGraph Of(NetworkRewrite rewrite) => new(rewrite);

    void Apply(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Conv" when node.IsStandard():
                Convolution(node);
                return;
            case "ConvTranspose" when node.IsStandard() && node.GetInt("group", 1) == 1:
                ChannelRules.Apply(Tracker, node);
                Factor(node.Input[1], 1, isMade: true);
                Factor(node.Input[1], 0, isMade: false);
                Summand(node.InputOrEmpty(2));
                return;
            case "Gemm" when node.IsStandard():
                ChannelRules.Apply(Tracker, node);
                Factor(node.Input[1], node.GetInt("transB", 0) != 0 ? 0 : 1, isMade: true);
                Factor(node.Input[1], node.GetInt("transB", 0) != 0 ? 1 : 0, isMade: false);
                Summand(node.InputOrEmpty(2));
                return;
            case "MatMul" when node.IsStandard() && Tracker.Index.TryConstant(node.Input[1], out var right) && right.Dims.Count == 2:
                ChannelRules.Apply(Tracker, node);
                Factor(node.Input[1], 1, isMade: true);
                Factor(node.Input[1], 0, isMade: false);
                return;
            case "Mul" when node.IsStandard() && ConstantSide(node) is { } side:
                Product(node, side);
                return;
            case "LayerNormalization" when node.IsStandard():
                Normalization(node);
                return;
            default:
                Other(node);
                return;
        }
    }

    void Other(NodeProto node)
    {
        ChannelRules.Apply(Tracker, node);
        if (node.IsStandard("Constant") || (node.IsStandard() && Passing.Contains(node.OpType)))
        {
            if (node.OpType is "Add" or "Sub" or "Sum" or "Max" or "Min")
            {
                foreach (string input in node.Input) Summand(input);
            }

            return;
        }

        // Zeros at the border are zeros at any scale.
        if (node.IsStandard("Pad") && node.Input.Count < 3 && node.GetFloat("value", 0) == 0) return;
        if (node.IsStandard("Clip") && IsRectifier(node)) return;
        foreach (string value in node.Input.Concat(node.Output)) Tracker.KeepAll(value, $"pass {ElementwiseChannels.Where(node)}");
    }

    void Convolution(NodeProto node)
    {
        var x = Tracker.Of(node.Input[0]);
        bool isDepthwise = node.GetInt("group", 1) is var group && group > 1 && group == x?.Sizes[1] && Tracker.Of(node.Input[1]) is { } w && w.Sizes[0] == group;
        if (!isDepthwise)
        {
            ChannelRules.Apply(Tracker, node);
            if (group > 1) Tracker.KeepAll(node.Output[0], "are made in groups");
            if (group > 1) Tracker.KeepAll(node.Input[0], "are read in groups");
            Factor(node.Input[1], 0, isMade: true);
            Factor(node.Input[1], 1, isMade: false);
        }
        else if (Tracker.SizesOf(node.Output[0]) is { } sizes && x!.Axes[1] is { } inputs && Tracker.Of(node.Input[1])!.Axes[0] is { } outputs)
        {
            foreach (int axis in Enumerable.Range(2, x.Rank - 2)) Tracker.Keep(x.Axes[axis], "are positions");
            var axes = new int[]?[sizes.Length];
            axes[1] = outputs;
            if (node.InputOrEmpty(2).Length > 0) axes[1] = Tracker.Unite(outputs, Tracker.Of(node.Input[2])?.Axes[0], ElementwiseChannels.Where(node));
            Tracker.Set(node.Output[0], axes);
            _axes.Add(new ScaledAxis(node.Input[1], 0, outputs, IsMade: true));
            _axes.Add(new ScaledAxis(node.Input[1], 0, inputs, IsMade: false));
        }
        else
        {
            Tracker.Opaque(node);
        }

        Summand(node.InputOrEmpty(2));
    }

    // y = x · c: c is to a channel what the weight of a depthwise convolution is.
    void Product(NodeProto node, int side)
    {
        string constant = node.Input[side];
        if (Tracker.Of(node.Input[1 - side]) is not { } x || Tracker.Of(constant) is not { } c || Tracker.SizesOf(node.Output[0]) is not { } sizes || sizes.Length != x.Rank || c.Rank > x.Rank)
        {
            Tracker.Opaque(node);
            return;
        }

        var axes = x.Axes.ToArray();
        for (int axis = 0; axis < c.Rank; axis++)
        {
            int at = axis + x.Rank - c.Rank;
            if (c.Sizes[axis] == 1) continue;
            if (c.Axes[axis] is not { } outputs || c.Sizes.Count(size => size > 1) > 1 || x.Sizes[at] != c.Sizes[axis])
            {
                Tracker.Opaque(node);
                return;
            }

            axes[at] = outputs;
            _axes.Add(new ScaledAxis(constant, axis, outputs, IsMade: true));
            if (x.Axes[at] is { } inputs) _axes.Add(new ScaledAxis(constant, axis, inputs, IsMade: false));
        }

        Tracker.Set(node.Output[0], axes);
    }

    void Normalization(NodeProto node)
    {
        ChannelRules.Apply(Tracker, node);
        if (Tracker.SizesOf(node.Output[0]) is not { } sizes || node.GetInt("axis", -1) is not -1 || Tracker.Of(node.InputOrEmpty(1)) is null || !Tracker.Index.TryConstant(node.Input[1], out _)) return;
        int[] places = Tracker.Classes.Add((int)sizes[^1]);
        var axes = new int[]?[sizes.Length];
        axes[^1] = places;
        Tracker.Set(node.Output[0], axes);
        _axes.Add(new ScaledAxis(node.Input[1], 0, places, IsMade: true));
        if (node.InputOrEmpty(2).Length > 0) _axes.Add(new ScaledAxis(node.Input[2], 0, places, IsMade: true));
    }

    // What is added to a channel bears its factor.
    void Summand(string value)
    {
        if (value.Length == 0 || !Tracker.Index.TryConstant(value, out var tensor) || Tracker.Of(value) is not { } channels) return;
        bool isSplit = channels.Axes.Count(places => places is not null) == 1;
        for (int axis = 0; axis < channels.Rank; axis++)
        {
            if (channels.Axes[axis] is not { } places) continue;
            if (isSplit) _axes.Add(new ScaledAxis(value, axis, places, IsMade: true));
            else Tracker.Keep(places, "meet a tensor of several axes");
        }

        // One number for all channels cannot bear the factor of each.
        if (!channels.Axes.Any(places => places is not null) && TensorData.Count(tensor) == 1) KeepUsers(value);
    }

    void KeepUsers(string value)
    {
        foreach (var use in Tracker.Index.Consumers(value))
        {
            foreach (string output in use.Node.Output) Tracker.KeepAll(output, "meet a single number");
        }
    }

    void Factor(string weight, int axis, bool isMade)
    {
        if (Tracker.Index.TryConstant(weight, out _) && Tracker.Of(weight)?.Axes[axis] is { } places) _axes.Add(new ScaledAxis(weight, axis, places, isMade));
        else if (!Tracker.Index.TryConstant(weight, out _)) Tracker.KeepAll(weight, "are a weight that the network makes");
    }

    int? ConstantSide(NodeProto node) => Tracker.Index.TryConstant(node.Input[0], out _) ? 0 : Tracker.Index.TryConstant(node.InputOrEmpty(1), out _) ? 1 : null;

    bool IsRectifier(NodeProto node)
    {
        return Bound(node.InputOrEmpty(1), "min", float.NegativeInfinity) == 0 && Bound(node.InputOrEmpty(2), "max", float.PositiveInfinity) >= float.MaxValue;

        float Bound(string input, string attribute, float none) => input.Length == 0 ? node.GetFloat(attribute, none)
            : Tracker.Index.TryConstant(input, out var tensor) ? TensorData.ReadFloat32(tensor, _rewrite.Model)[0] : float.NaN;
    }
}

/// <summary>An axis of a fixed tensor whose slices bear factors.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Axis">The axis.</param>
/// <param name="Places">Their classes.</param>
/// <param name="IsMade">Whether the channels are made by it, so that a factor divides; else they are read, and it multiplies.</param>
sealed record ScaledAxis(string Tensor, int Axis, int[] Places, bool IsMade);
