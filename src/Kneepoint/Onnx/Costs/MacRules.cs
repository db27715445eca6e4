using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Onnx.Costs;

/// <summary>How many multiply-accumulates an operator does.</summary>
/// <remarks>
/// | operator | multiply-accumulates |
/// | Conv, ConvInteger, QLinearConv | output elements · C/group · Πk; padding is not deducted |
/// | ConvTranspose | input elements · M/group · Πk |
/// | Gemm, MatMul and their integer forms | output elements · K |
/// | LSTM, GRU, RNN | length · batch · directions · gates · hidden · (input + hidden), with 4, 3 and 1 gates |
/// | Einsum | the product of the sizes of all its letters |
/// Everything that has a shape rule and is not listed counts none: activations, additions, pooling, normalizations, comparisons, and what
/// only moves elements. Biases count none. Operators without any rule are not counted and named.
/// </remarks>
static class MacRules
{
    static readonly Dictionary<string, Func<NodeProto, Func<int, ValueShape>, Func<ValueShape>, Int128>> Rules = new(StringComparer.Ordinal)
    {
        ["Conv"] = (node, input, output) => Window(output(), input(1)),
        ["FusedConv"] = (node, input, output) => Window(output(), input(1)),
        ["ConvInteger"] = (node, input, output) => Window(output(), input(1)),
        ["QLinearConv"] = (node, input, output) => Window(output(), input(3)),
        ["ConvTranspose"] = (node, input, output) => Window(input(0), input(1)),
        ["Gemm"] = (node, input, output) => (Int128)output().ElementCount * input(0).Dimensions[node.GetInt("transA", 0) != 0 ? 0 : 1],
        ["MatMul"] = (node, input, output) => Product(input(0), output()),
        ["FusedMatMul"] = (node, input, output) => (Int128)output().ElementCount * input(0).Dimensions[node.GetInt("transA", 0) != 0 ? ^2 : ^1],
        ["MatMulInteger"] = (node, input, output) => Product(input(0), output()),
        ["QLinearMatMul"] = (node, input, output) => Product(input(0), output()),
        ["MatMulIntegerToFloat"] = (node, input, output) => Product(input(0), output()),
        ["DynamicQuantizeMatMul"] = (node, input, output) => Product(input(0), output()),
        ["MatMulNBits"] = (node, input, output) => Product(input(0), output()),
        ["LSTM"] = (node, input, output) => Recurrent(node, input(0), input(1), 4),
        ["DynamicQuantizeLSTM"] = (node, input, output) => Recurrent(node, input(0), input(1), 4),
        ["GRU"] = (node, input, output) => Recurrent(node, input(0), input(1), 3),
        ["RNN"] = (node, input, output) => Recurrent(node, input(0), input(1), 1),
        ["Einsum"] = (node, input, output) => Einsum(node, input),
    };

    // They compute no products and have no shape rule, because their shapes depend on data or are no tensors.
    static readonly HashSet<string> Free =
    [
        "NonZero", "Compress", "Unique", "NonMaxSuppression", "RoiAlign", "SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase",
        "SequenceAt", "SequenceLength", "SplitToSequence", "ConcatFromSequence", "Optional", "OptionalGetElement", "OptionalHasElement",
        "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial", "EyeLike", "Constant", "MaxUnpool",
    ];

    /// <summary>Whether the operator does multiply-accumulates.</summary>
    public static bool Multiplies(NodeProto node) => IsKnownDomain(node) && Rules.ContainsKey(node.OpType);

    /// <summary>Whether it is known that the operator does none.</summary>
    public static bool IsFree(NodeProto node) => !Multiplies(node) && (ShapeRules.Find(node) is not null || (node.IsStandard() && Free.Contains(node.OpType)));

    /// <summary>The multiply-accumulates of a node.</summary>
    /// <param name="node">One that <see cref="Multiplies"/>.</param>
    /// <param name="shapes">Shapes of its graph's values.</param>
    /// <param name="reason">Why they cannot be counted.</param>
    /// <returns>Null where a shape is not known or does not fit the operator.</returns>
    public static long? Of(NodeProto node, ShapeTable shapes, out string reason)
    {
        string why = "";
        try
        {
            var count = Rules[node.OpType](node, i => Shape(node.InputOrEmpty(i)), () => Shape(node.FirstOutput()));
            reason = "";
            return (long)Int128.Min(count, long.MaxValue);
        }
        catch (Exception exception) when (exception is InvalidDataException or IndexOutOfRangeException or ArgumentOutOfRangeException or OnnxModelException)
        {
            reason = why.Length > 0 ? why : $"{node.Place()}: its shapes do not fit the operator.";
            return null;
        }

        ValueShape Shape(string value)
        {
            if (shapes[value] is { } shape) return shape;
            why = shapes.WhyUnknown(value) ?? "";
            throw new InvalidDataException();
        }
    }

    static bool IsKnownDomain(NodeProto node) => node.IsStandard() || node.Domain == Opsets.Microsoft;

    // One side of the product has an element for each place of the window, the other one the weights of a place.
    static Int128 Window(ValueShape places, ValueShape weight) => weight.Dimensions[0] == 0
        ? 0
        : (Int128)places.ElementCount * (weight.ElementCount / weight.Dimensions[0]);

    static Int128 Product(ValueShape left, ValueShape output) => (Int128)output.ElementCount * left.Dimensions[^1];

    static Int128 Recurrent(NodeProto node, ValueShape x, ValueShape w, int gates)
    {
        long directions = node.GetString("direction", "forward") == "bidirectional" ? 2 : 1;
        long hidden = node.GetInt("hidden_size", (node.OpType == "DynamicQuantizeLSTM" ? w.Dimensions[2] : w.Dimensions[1]) / gates);
        return (Int128)x.Dimensions[0] * x.Dimensions[1] * directions * gates * hidden * (x.Dimensions[2] + hidden);
    }

    static Int128 Einsum(NodeProto node, Func<int, ValueShape> input)
    {
        if (LayerRules.ParseEinsum(node.GetString("equation", "")) is not ({ } letters, _)) throw new InvalidDataException();
        var sizes = new Dictionary<char, long>();
        for (int i = 0; i < letters.Length; i++)
        {
            var dims = input(i).Dimensions;
            for (int axis = 0; axis < letters[i].Length; axis++) sizes[letters[i][axis]] = Math.Max(dims[axis], sizes.GetValueOrDefault(letters[i][axis]));
        }

        return Saturating.Product(sizes.Values);
    }
}
