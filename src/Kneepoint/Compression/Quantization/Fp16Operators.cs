namespace Kneepoint.Compression.Quantization;

/// <summary>The standard operators that take and give 16-bit floating-point numbers, in the standard and in the runtime.</summary>
/// <remarks>A list of what is known to be right, not of what is wrong.</remarks>
static class Fp16Operators
{
    static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "ConstantOfShape", "Conv", "ConvTranspose", "Cos",
        "DepthToSpace", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements", "Gelu", "Gemm",
        "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LayerNormalization",
        "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul", "Max", "MaxPool", "Min", "Mul", "Neg", "PRelu", "Pad", "Pow", "Reciprocal", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceSum", "Relu", "Reshape", "Resize", "Round", "Selu", "Shape", "Sigmoid", "Sign", "Sin", "Slice", "Softmax", "Softplus",
        "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Tile", "TopK", "Transpose", "Unsqueeze", "Upsample", "Where",
    };

    /// <summary>Whether an operator is among them.</summary>
    /// <param name="opType">A standard operator.</param>
    /// <param name="opset">The network's operator set: comparisons, maxima and resizing learned 16 bits late.</param>
    public static bool Contains(string opType, int opset) => Names.Contains(opType) && opType switch
    {
        "Max" or "Min" or "Equal" or "Greater" or "Less" => opset >= 13,
        "Clip" or "Pow" => opset >= 7,
        _ => true,
    };
}
