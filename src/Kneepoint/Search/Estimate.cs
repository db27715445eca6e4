namespace Kneepoint.Search;

/// <summary>What a recipe is expected to give: sums over the layers.</summary>
/// <param name="FileBytes">Bytes of all layers.</param>
/// <param name="Cost">Cost of all layers, in the table's unit.</param>
/// <param name="Loss">Loss of accuracy if losses add up.</param>
public readonly record struct Estimate(double FileBytes, double Cost, double Loss);
