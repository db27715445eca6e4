using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Operators that treat elements one by one, and those that leave the shape of their first input as it is.</summary>
static class ElementwiseRules
{
    // One output, of the first input's type and shape.
    static readonly string[] Unary =
    [
        "Relu", "LeakyRelu", "ThresholdedRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "Mish", "Swish", "Shrink",
        "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softplus", "Softsign", "Softmax", "LogSoftmax", "Hardmax", "Exp", "Log", "Sqrt", "Reciprocal",
        "Sign", "Round", "Erf", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Clip", "BitwiseNot",
        "BitShift", "CumSum", "ReverseSequence", "Trilu", "LRN", "LpNormalization", "MeanVarianceNormalization", "InstanceNormalization",
        "GroupNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "ScatterElements", "ScatterND", "Scatter", "QuantizeBias",
    ];

    public static void AddTo(Dictionary<string, Action<NodeShapes>> rules)
    {
        foreach (string name in Unary) rules.Add(name, node => node.Out(0, node.Type(0), node.Dims(0)));
        foreach (string name in new[] { "IsNaN", "IsInf" }) rules.Add(name, node => node.Out(0, ElementType.Bool, node.Dims(0)));
        foreach (string name in new[] { "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Mean", "Sum" }) rules.Add(name, node => Stretch(node, node.Type(0)));
        foreach (string name in new[] { "Xor" }) rules.Add(name, node => Stretch(node, ElementType.Bool));
        rules.Add("BatchNormalization", Normalization);
        rules.Add("LayerNormalization", LayerNormalization);
        rules.Add("Dropout", Dropout);
        rules.Add("QuantizeLinear", Quantize);
        rules.Add("DequantizeLinear", Dequantize);
        rules.Add("DynamicQuantizeLinear", DynamicQuantize);
    }

    /// <summary>All inputs broadcast together.</summary>
    public static void Stretch(NodeShapes node, ElementType type) => node.Out(0, type, Common(node));

    /// <summary>The shape that all inputs broadcast to.</summary>
    public static long[] Common(NodeShapes node)
    {
        if (node.Node.Attribute("broadcast") is not null || node.Node.Attribute("axis") is not null)
        {
            throw node.Stop("broadcasts by an attribute of operator sets before 7, which has no rule");
        }

        long[][] shapes = [.. Enumerable.Range(0, node.InputCount).Where(node.Has).Select(input => node.Dims(input))];
        return Broadcast.Of(shapes) ?? throw node.Stop(
            $"expected shapes that broadcast together, found {string.Join(" and ", shapes.Select(shape => $"[{string.Join(", ", shape)}]"))}");
    }

    static void Normalization(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        node.Out(0, node.Type(0), dims);
        for (int i = 1; i < node.OutputCount; i++) node.Out(i, node.Type(0), dims.Length > 1 ? [dims[1]] : [1]);
    }

    static void LayerNormalization(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        node.Out(0, node.Type(0), dims);
        int axis = node.Axis(node.Node.GetInt("axis", -1), dims.Length);
        long[] reduced = [.. dims.Select((size, i) => i < axis ? size : 1)];
        for (int i = 1; i < node.OutputCount; i++) node.Out(i, ElementType.Float32, reduced);
    }

    static void Dropout(NodeShapes node)
    {
        node.Out(0, node.Type(0), node.Dims(0));
        node.Out(1, node.Opset >= 10 ? ElementType.Bool : node.Type(0), node.Dims(0));
    }

    static void Quantize(NodeShapes node)
    {
        long stated = node.Node.GetInt("output_dtype", 0);
        var type = node.Has(2) ? node.Type(2) : stated != 0 ? (ElementType)stated : ElementType.UInt8;
        node.Out(0, type, node.Dims(0));
    }

    static void Dequantize(NodeShapes node)
    {
        long stated = node.Node.GetInt("output_dtype", 0);
        node.Out(0, stated != 0 ? (ElementType)stated : node.Type(1), node.Dims(0));
    }

    static void DynamicQuantize(NodeShapes node)
    {
        node.Out(0, ElementType.UInt8, node.Dims(0));
        node.Out(1, ElementType.Float32, []);
        node.Out(2, ElementType.UInt8, []);
    }
}
