namespace Kneepoint.Data.Preprocessing;

/// <summary>How the samples of a part become inputs and targets.</summary>
/// <param name="Inputs">In the network's order.</param>
/// <param name="Target">Null if the part has no targets, or none are needed.</param>
sealed record PartPlan(IReadOnlyList<InputPlan> Inputs, TargetPlan? Target)
{
    /// <summary>The fields that feed the network.</summary>
    public IReadOnlyList<int> InputFields => [.. Inputs.OfType<FieldInput>().Select(input => input.Field).Distinct()];
}
