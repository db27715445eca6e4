using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression.Pruning;

/// <summary>What each operator does with channels.</summary>
/// <remarks>What an operator that is not listed takes stays whole, and so does what it gives.</remarks>
static class ChannelRules
{
    static readonly Dictionary<string, Action<ChannelTracker, NodeProto>> Rules = Make();

    // Operators of ONNX Runtime's own domain that work on each element by itself.
    static readonly HashSet<string> OwnUnary = new(StringComparer.Ordinal) { "Gelu", "FastGelu", "QuickGelu" };

    /// <summary>Applies the rule of a node.</summary>
    public static void Apply(ChannelTracker tracker, NodeProto node)
    {
        if (node.FirstOutput().Length == 0 || node.IsStandard("Constant")) return;
        if (node.Subgraphs().Any()) tracker.Opaque(node);
        else if (node.IsStandard() && node.Input.Count > 0 && Rules.TryGetValue(node.OpType, out var rule)) rule(tracker, node);
        else if (node.Domain == Opsets.Microsoft && node.Input.Count == 1 && OwnUnary.Contains(node.OpType)) ElementwiseChannels.Unary(tracker, node);
        else tracker.Opaque(node);
    }

    static Dictionary<string, Action<ChannelTracker, NodeProto>> Make()
    {
        var rules = new Dictionary<string, Action<ChannelTracker, NodeProto>>(StringComparer.Ordinal)
        {
            ["Conv"] = LayerChannels.Conv,
            ["ConvTranspose"] = LayerChannels.ConvTranspose,
            ["Gemm"] = LayerChannels.Gemm,
            ["MatMul"] = LayerChannels.MatMul,
            ["Transpose"] = MovementChannels.Transpose,
            ["Concat"] = MovementChannels.Concat,
            ["Split"] = MovementChannels.Split,
            ["Slice"] = MovementChannels.Slice,
            ["Gather"] = MovementChannels.Gather,
            ["Pad"] = MovementChannels.Pad,
            ["Resize"] = MovementChannels.Resize,
            ["Upsample"] = MovementChannels.Resize,
            ["Shape"] = MovementChannels.Shape,
            ["Softmax"] = ElementwiseChannels.Softmax,
            ["LogSoftmax"] = ElementwiseChannels.Softmax,
            ["Hardmax"] = ElementwiseChannels.Softmax,
            ["LayerNormalization"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (axis, rank) => axis >= (ElementwiseChannels.Axis(node.GetInt("axis", -1), rank) ?? 0)),
            ["RMSNormalization"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (axis, rank) => axis >= (ElementwiseChannels.Axis(node.GetInt("axis", -1), rank) ?? 0)),
            ["LpNormalization"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (axis, rank) => axis == (ElementwiseChannels.Axis(node.GetInt("axis", -1), rank) ?? axis)),
            ["CumSum"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (_, _) => true),
            ["LRN"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (axis, _) => axis == 1),
            ["GroupNormalization"] = (tracker, node) => ElementwiseChannels.Together(tracker, node, (axis, _) => axis >= 1),
        };
        Add(ElementwiseChannels.Unary, "Relu", "LeakyRelu", "ThresholdedRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Mish", "Softplus", "Softsign", "Tanh",
            "Gelu", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Tan", "Atan", "Not", "IsNaN", "IsInf", "Cast", "Identity");
        Add(ElementwiseChannels.WithScalars, "Clip", "Dropout");
        Add(ElementwiseChannels.Broadcast, "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "PRelu", "Where", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor");
        Add(ElementwiseChannels.PerChannel, "BatchNormalization", "InstanceNormalization");
        Add(ElementwiseChannels.Quantization, "QuantizeLinear", "DequantizeLinear");
        Add(ElementwiseChannels.Pooling, "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        Add(ElementwiseChannels.Reduction, "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp");
        Add(ElementwiseChannels.ArgReduction, "ArgMax", "ArgMin");
        Add(ReshapeChannels.Apply, "Reshape", "Flatten", "Squeeze", "Unsqueeze");
        return rules;

        void Add(Action<ChannelTracker, NodeProto> rule, params ReadOnlySpan<string> operators)
        {
            foreach (string name in operators) rules.Add(name, rule);
        }
    }
}
