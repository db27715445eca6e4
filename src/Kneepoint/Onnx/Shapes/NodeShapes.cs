using System.Diagnostics.CodeAnalysis;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>One node during inference: what is known of its inputs, and where its rule puts the outputs.</summary>
/// <remarks>All inputs that are present have known shapes before a rule is asked.</remarks>
sealed class NodeShapes(NodeProto node, int opset, KnownValue?[] inputs)
{
    // No operator takes so many; a network that doubles its dimensions at each node would fill the memory.
    const int MostDimensions = 1024;

    readonly KnownValue?[] _outputs = new KnownValue?[node.Output.Count];

    public NodeProto Node => node;

    /// <summary>The version of the operator set that the node's domain is imported with.</summary>
    public int Opset => opset;

    public int InputCount => inputs.Length;

    public int OutputCount => _outputs.Length;

    public IReadOnlyList<KnownValue?> Outputs => _outputs;

    public bool Has(int input) => input < inputs.Length && inputs[input] is not null;

    public KnownValue In(int input) => Has(input) ? inputs[input]! : throw Stop($"expected an input {input}, found {inputs.Length} inputs");

    public ElementType Type(int input) => In(input).Shape.ElementType;

    public long[] Dims(int input) => [.. In(input).Shape.Dimensions];

    /// <summary>The dimensions of an input that has at least so many.</summary>
    public long[] Dims(int input, int leastRank)
    {
        long[] dims = Dims(input);
        return dims.Length >= leastRank ? dims : throw Stop($"expected input {input} with at least {leastRank} dimensions, found {dims.Length}");
    }

    /// <summary>The numbers of an integer input; null where they depend on data.</summary>
    public long[]? Integers(int input) => Has(input) ? In(input).Integers : null;

    /// <summary>The numbers of an integer input that decide about a shape.</summary>
    public long[] NeededIntegers(int input) => Integers(input) ?? throw Stop($"the shape of its output depends on the data of its input {input}");

    /// <summary>An integer list that older versions of the operator have as an attribute, newer ones as an input; null where it is in neither.</summary>
    public long[]? ListOf(string attribute, int input) => Has(input) ? NeededIntegers(input) : node.GetInts(attribute);

    /// <summary>An axis of a rank, counted from the front.</summary>
    public int Axis(long axis, int rank)
    {
        long counted = axis < 0 ? axis + rank : axis;
        return counted >= 0 && counted < rank ? (int)counted : throw Stop($"expected an axis of {rank} dimensions, found {axis}");
    }

    public void Out(int output, ElementType type, ReadOnlySpan<long> dims, long[]? integers = null, double[]? reals = null)
    {
        if (output >= _outputs.Length) return;
        if (dims.Length > MostDimensions) throw Stop($"expected an output of at most {MostDimensions} dimensions, found {dims.Length}");
        if (!Tensor.TryCount(dims, out _)) throw Stop($"its output {output} would have the shape [{string.Join(", ", dims.ToArray())}]");
        _outputs[output] = new KnownValue(new ValueShape(type, [.. dims]), integers, reals);
    }

    public void Out(int output, KnownValue value)
    {
        if (output < _outputs.Length) _outputs[output] = value;
    }

    /// <summary>What a rule throws when it cannot go on; the engine keeps the sentence as the reason.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Reads the node's place.")]
    public OnnxModelException Stop(string clause) => new($"{node.Place()}: {clause}.");
}
