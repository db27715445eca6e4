using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients.Rules;

/// <summary>Operators that are constant almost everywhere: their gradient is zero, so that a path ends at them.</summary>
/// <remarks>Steps and roundings, comparisons and logic, shapes, places of extreme elements, and what makes tensors of shapes or of chance.</remarks>
static class ConstantOperators
{
    static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "And", "ArgMax", "ArgMin", "Bernoulli", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Constant",
        "ConstantOfShape", "Equal", "EyeLike", "Floor", "Greater", "GreaterOrEqual", "Hardmax", "IsInf", "IsNaN", "Less", "LessOrEqual",
        "Multinomial", "NonMaxSuppression", "NonZero", "Not", "Or", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
        "Round", "Shape", "Sign", "Size", "Xor",
    };

    /// <summary>Whether the operator is one of them.</summary>
    public static bool Contains(NodeProto node) => node.IsStandard() && Names.Contains(node.OpType);
}
