namespace Kneepoint.Limits.Distortion;

/// <summary>Weights that are taken for draws of one Gaussian: a tensor, or a row of one.</summary>
/// <param name="Variance">σ² of each.</param>
/// <param name="Sensitivity">λ, what a unit of squared error of each costs.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct NoiseSource(double Variance, double Sensitivity, long Count);
