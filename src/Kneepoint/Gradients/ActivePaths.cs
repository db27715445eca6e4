using Kneepoint.Gradients.Rules;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients;

/// <summary>The nodes that lie between a wanted tensor and an output: the only ones that a gradient passes through.</summary>
/// <remarks>Operators that are constant almost everywhere, and integer inputs, end a path. Cost: linear in the graph.</remarks>
sealed class ActivePaths
{
    readonly HashSet<string> _depends;
    readonly HashSet<string> _needed;
    readonly HashSet<(string, string)> _functions;

    /// <summary>Finds the paths.</summary>
    /// <param name="model">With its nodes in order.</param>
    /// <param name="wanted">Where the paths start.</param>
    /// <param name="outputs">Where they end.</param>
    public ActivePaths(OnnxModel model, IEnumerable<string> wanted, IEnumerable<string> outputs)
    {
        _functions = [.. model.Proto.Functions.Select(function => (function.Domain, function.Name))];
        _depends = new HashSet<string>(wanted, StringComparer.Ordinal);
        foreach (var node in model.Graph.Node)
        {
            if (Passages(node).Any(_depends.Contains)) _depends.UnionWith(node.Output.Where(output => output.Length > 0));
        }

        _needed = new HashSet<string>(outputs, StringComparer.Ordinal);
        foreach (var node in model.Graph.Node.Reverse())
        {
            if (node.Output.Any(output => _needed.Contains(output) && _depends.Contains(output))) _needed.UnionWith(Passages(node));
        }
    }

    /// <summary>Whether a gradient passes through the node.</summary>
    public bool Contains(NodeProto node) => node.Output.Any(Contains) && Passages(node).Any(Contains);

    /// <summary>Whether the value lies on a path.</summary>
    public bool Contains(string value) => _depends.Contains(value) && _needed.Contains(value);

    /// <summary>Whether the input takes a gradient: it lies on a path, and the operator is not constant in it.</summary>
    public bool IsActive(NodeProto node, int input) =>
        node.Input[input].Length > 0 && Contains(node.Input[input]) && RuleOf(node) is { } rule && rule.Takes(node, input);

    /// <summary>The rule of the node; null where there is none.</summary>
    public GradientRule? RuleOf(NodeProto node) => _functions.Contains((node.Domain, node.OpType)) ? null : GradientRules.Find(node);

    IEnumerable<string> Passages(NodeProto node)
    {
        if (_functions.Contains((node.Domain, node.OpType)) || !GradientRules.IsKnown(node)) return GraphOrder.InputsOf(node).Where(input => input.Length > 0);
        if (GradientRules.Find(node) is not { } rule) return [];
        return node.Input.Where((input, i) => input.Length > 0 && rule.Takes(node, i));
    }
}
