using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients.Rules;

/// <summary>Rules while they are gathered.</summary>
sealed class RuleTable
{
    public Dictionary<string, GradientRule> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds the rule of an operator that depends smoothly on each of the given inputs.</summary>
    public void Add(string operation, Action<NodeGradient> rule, params int[] inputs) =>
        Rules.Add(operation, new GradientRule(rule, (_, input) => Array.IndexOf(inputs, input) >= 0));

    /// <summary>Adds the rule of an operator that depends smoothly on all its inputs.</summary>
    public void AddAll(string operation, Action<NodeGradient> rule) => Rules.Add(operation, new GradientRule(rule, (_, _) => true));

    /// <summary>Adds the rule of an operator of one input whose derivative is a function f' of input and output: x̄ = ȳ·f'(x).</summary>
    public void AddSlope(string operation, Func<NodeGradient, string> slope) =>
        Add(operation, node => node.Give(0, node.Emit.Mul(node.DY, slope(node))), 0);

    /// <summary>Adds a rule that decides by the node which inputs it takes.</summary>
    public void AddWhere(string operation, Action<NodeGradient> rule, Func<NodeProto, int, bool> takes) => Rules.Add(operation, new GradientRule(rule, takes));

    /// <summary>Adds the rule of an operator with several outputs, that depends smoothly on its first input.</summary>
    public void AddSplit(string operation, Action<NodeGradient> rule) => Rules.Add(operation, new GradientRule(rule, (_, input) => input == 0, HasManyOutputs: true));
}
