namespace Kneepoint.Limits.Distortion;

/// <summary>Independent numbers of one weighted variance.</summary>
/// <param name="WeightedVariance">v = λ·σ²: the variance of each times what a unit of its squared error costs; at least 0.</param>
/// <param name="Count">How many there are, at least 0.</param>
public readonly record struct ComponentGroup(double WeightedVariance, long Count);
