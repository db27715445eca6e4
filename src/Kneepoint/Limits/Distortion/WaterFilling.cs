namespace Kneepoint.Limits.Distortion;

/// <summary>A point of the rate–distortion function of independent Gaussian numbers.</summary>
/// <param name="WaterLevel">θ, the weighted distortion of every number that takes bits at all.</param>
/// <param name="RateBits">R, bits of all numbers together.</param>
/// <param name="Distortion">D = Σ λ_i E(w_i − ŵ_i)², of all numbers together.</param>
public readonly record struct WaterFilling(double WaterLevel, double RateBits, double Distortion);
