using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>A step with its place among the values of a run.</summary>
/// <param name="Step">The operator.</param>
/// <param name="Inputs">Slots of its inputs.</param>
/// <param name="Output">Slot of its result.</param>
readonly record struct PlacedStep(IntervalStep Step, int[] Inputs, int Output);

/// <summary>A network while it is turned into steps: what is known of its values, and where each one lies during a run.</summary>
/// <remarks>What has no rule is an <see cref="OnnxModelException"/> with the node's place; the compilation gives it out as a value.</remarks>
sealed class IntervalGraph
{
    // Results are arrays of doubles; larger ones are no classifier's.
    const long MostElements = 1 << 28;

    readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    readonly Dictionary<NodeProto, WeightedLayer> _layers = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<string> _weights = new(StringComparer.Ordinal);

    public IntervalGraph(OnnxModel model, ShapeTable shapes)
    {
        (Model, Shapes, Index) = (model, shapes, new GraphIndex(model));
        foreach (var layer in WeightedLayers.Find(model).Layers)
        {
            LayerIds.Add(layer.Id);
            _weights.Add(layer.WeightName);
            if (!layer.IsRecurrent) _layers.Add(layer.Node, layer);
        }
    }

    public OnnxModel Model { get; }

    public ShapeTable Shapes { get; }

    public GraphIndex Index { get; }

    public HashSet<string> LayerIds { get; } = new(StringComparer.Ordinal);

    public List<PlacedStep> Steps { get; } = [];

    public List<(int Slot, Intervals Value)> Constants { get; } = [];

    public List<(int Slot, string Name, int Count)> Inputs { get; } = [];

    /// <summary>The number of slots.</summary>
    public int SlotCount { get; private set; }

    public static OnnxModelException Stop(NodeProto node, string clause) => new($"{node.Place()}: {clause}.");

    /// <summary>The layer whose weight the node applies.</summary>
    public WeightedLayer Layer(NodeProto node)
    {
        if (!_layers.TryGetValue(node, out var layer)) throw Stop(node, "has no fixed weight");
        return layer.OtherArithmetic is { } other ? throw Stop(node, other) : layer;
    }

    /// <summary>A layer's weights as they are stored.</summary>
    public float[] Weights(WeightedLayer layer)
    {
        float[] weights = TensorData.ReadFloat32(layer.Weight, Model);
        return weights.All(float.IsFinite) ? weights : throw Stop(layer.Node, "has weights that are not finite");
    }

    /// <summary>The shape of a value.</summary>
    public long[] Shape(string value) => Shapes[value] is { } shape ? [.. shape.Dimensions] : throw new OnnxModelException(Shapes.WhyUnknown(value)!);

    /// <summary>The elements of a shape, as far as a run can hold them.</summary>
    public static int Count(NodeProto node, ReadOnlySpan<long> shape) => Tensor.TryCount(shape, out long count) && count is > 0 and <= MostElements
        ? (int)count
        : throw Stop(node, $"makes a value of the shape [{string.Join(", ", shape.ToArray())}]");

    /// <summary>The elements of a value that a node makes.</summary>
    public int Count(NodeProto node) => Count(node, Shape(node.FirstOutput()));

    /// <summary>The numbers of a fixed floating-point tensor, exactly; null where the value is not fixed or left out.</summary>
    public double[]? Constant(NodeProto node, string value) => Fixed(value) is not { } tensor ? null
        : TensorData.TypeOf(tensor) is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16
        ? [.. TensorData.ReadFloat32(tensor, Model).Select(number => (double)number)]
        : throw Stop(node, $"takes a constant of {TensorData.TypeOf(tensor)}");

    /// <summary>Whether a value is fixed.</summary>
    public bool IsConstant(string value) => Fixed(value) is not null;

    /// <summary>The slot of a value that was made already, or of a constant.</summary>
    public int Slot(NodeProto node, string value)
    {
        if (_slots.TryGetValue(value, out int slot)) return slot;
        if (Index.IsGraphInput(value) && Shapes[value] is { } shape)
        {
            if (shape.ElementType != ElementType.Float32) throw Stop(node, $"takes the input '{value}' of {shape.ElementType}");
            slot = NewSlot(value);
            Inputs.Add((slot, value, Count(node, shape.Dimensions.AsSpan())));
            return slot;
        }

        if (Fixed(value) is { } tensor && _weights.Contains(tensor.Name)) throw Stop(node, "takes the weight of a layer as a number like others");
        return Constant(node, value) is { } numbers ? Place(value, numbers, new double[numbers.Length]) : throw Stop(node, $"takes '{value}', which no rule makes");
    }

    /// <summary>Gives a constant a slot, under a name of its own.</summary>
    public int Place(string name, double[] centers, double[] radii)
    {
        int slot = NewSlot(name);
        Constants.Add((slot, new Intervals(centers, radii)));
        return slot;
    }

    /// <summary>Adds the step that makes a value.</summary>
    public int Add(IntervalStep step, string value, params int[] inputs)
    {
        int slot = NewSlot(value);
        Steps.Add(new PlacedStep(step, inputs, slot));
        return slot;
    }

    /// <summary>Makes a value another name of a slot.</summary>
    public void Alias(string value, int slot) => _slots[value] = slot;

    /// <summary>The step that makes a slot's value; null for inputs and constants.</summary>
    public PlacedStep? Maker(int slot)
    {
        foreach (var step in Steps)
        {
            if (step.Output == slot) return step;
        }

        return null;
    }

    TensorProto? Fixed(string value)
    {
        // Bounded: a circle of Identity nodes is malformed, but must not hang.
        for (int steps = 0; steps < 64 && value.Length > 0; steps++)
        {
            if (Index.TryConstant(value, out var tensor)) return tensor;
            if (Index.Producer(value) is not { } producer || !producer.IsStandard("Identity")) return null;
            value = producer.InputOrEmpty(0);
        }

        return null;
    }

    int NewSlot(string value)
    {
        _slots[value] = SlotCount;
        return SlotCount++;
    }
}
