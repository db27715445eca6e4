namespace Kneepoint.Gradients;

/// <summary>A node that a gradient would have to pass through, and cannot.</summary>
/// <param name="Node">The node's name, or its first output where it has none.</param>
/// <param name="Operator">The operator, with its domain where that is not the standard one.</param>
/// <param name="Reason">A sentence that names both: "Node 'lstm' (LSTM): no rule for operator LSTM; its gradient is not available."</param>
public sealed record MissingGradient(string Node, string Operator, string Reason);
