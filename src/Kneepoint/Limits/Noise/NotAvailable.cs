namespace Kneepoint.Limits.Noise;

/// <summary>Why a statement cannot be made about a network. It is shown in the figure's place; nothing is guessed.</summary>
/// <param name="Operator">The operator that stands in the way; empty where it is none.</param>
/// <param name="Reason">One sentence with the node's place.</param>
public sealed record NotAvailable(string Operator, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Operator.Length > 0 ? $"Not available: operator {Operator}. {Reason}" : $"Not available. {Reason}";
}
