using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx.Shapes;

/// <summary>The rule of each operator: from the shapes of its inputs to those of its outputs.</summary>
/// <remarks>
/// Source: the operators' definitions in the ONNX standard, versions 7 to 26, and of ONNX Runtime's own domain. An operator is the same in
/// both domains where a name occurs in both. Where the shape depends on data the rule stops with a reason.
/// </remarks>
static class ShapeRules
{
    static readonly Dictionary<string, Action<NodeShapes>> Rules = Make();

    /// <summary>The rule; null for operators that have none.</summary>
    public static Action<NodeShapes>? Find(NodeProto node) =>
        node.IsStandard() || node.Domain == Opsets.Microsoft ? Rules.GetValueOrDefault(node.OpType) : null;

    static Dictionary<string, Action<NodeShapes>> Make()
    {
        var rules = new Dictionary<string, Action<NodeShapes>>(StringComparer.Ordinal);
        ElementwiseRules.AddTo(rules);
        LayerRules.AddTo(rules);
        MovementRules.AddTo(rules);
        ShapeArithmeticRules.AddTo(rules);
        return rules;
    }
}
