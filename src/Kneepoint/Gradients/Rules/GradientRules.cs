using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients.Rules;

/// <summary>The rule of each operator.</summary>
/// <remarks>
/// A bar is a gradient: x̄ = vᵀ ∂y/∂x for the cotangent v = ȳ. Rules are those of standard operator sets 18 and later. Source: the operators' definitions
/// in the ONNX standard, differentiated; [Giles2008] for products of matrices.
/// </remarks>
static class GradientRules
{
    static readonly Dictionary<string, GradientRule> Rules = Make();

    /// <summary>The rule; null for operators that have none.</summary>
    public static GradientRule? Find(NodeProto node) => node.IsStandard() || IsRuntimesOwn(node) ? Rules.GetValueOrDefault(node.OpType) : null;

    /// <summary>Whether it is known how a gradient passes the operator, or that none does.</summary>
    public static bool IsKnown(NodeProto node) => Find(node) is not null || (node.IsStandard() && ConstantOperators.Contains(node));

    /// <summary>The operators with rules, by their names.</summary>
    public static IEnumerable<string> Operators => Rules.Keys.Order(StringComparer.Ordinal);

    // Of the runtime's own operators, those that mean the same as the standard ones of their name.
    static bool IsRuntimesOwn(NodeProto node) => node.Domain == Opsets.Microsoft && node.OpType == "Gelu";

    static Dictionary<string, GradientRule> Make()
    {
        var rules = new RuleTable();
        ActivationRules.AddTo(rules);
        UnaryRules.AddTo(rules);
        ArithmeticRules.AddTo(rules);
        SelectionRules.AddTo(rules);
        ProductRules.AddTo(rules);
        ConvolutionRules.AddTo(rules);
        NormalizationRules.AddTo(rules);
        ReductionRules.AddTo(rules);
        PoolingRules.AddTo(rules);
        ShapeRules.AddTo(rules);
        PartRules.AddTo(rules);
        IndexRules.AddTo(rules);
        return rules.Rules;
    }
}
