namespace Kneepoint.Limits.Distortion;

/// <summary>What an entropy-coded uniform quantizer does to a source.</summary>
/// <param name="Step">Δ, in units of the numbers.</param>
/// <param name="RateBits">The entropy of the indices, bits for each number.</param>
/// <param name="Distortion">The mean squared error of each number, reproduced as the mean of its cell.</param>
public readonly record struct QuantizerPoint(double Step, double RateBits, double Distortion);
