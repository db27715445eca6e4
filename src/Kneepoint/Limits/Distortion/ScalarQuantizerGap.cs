namespace Kneepoint.Limits.Distortion;

/// <summary>How many bits the best scalar quantizer with an entropy code takes more than the best code of all.</summary>
/// <remarks>
/// At high rate a uniform quantizer errs by Δ²/12 with an entropy of h − log₂ Δ: ½ log₂(2πe/12) = ½ log₂(πe/6) = 0.2546 bit (1.53 dB) above the Shannon lower bound, for every density, since cubes are that much worse than spheres. At low rate it is less:
/// for a Gaussian, with uniform thresholds and each cell reproduced as its mean, 0.236 at 0.96 bit and 0.098 at 0.31 bit; reproduced as the middle of its cell 0.449 and 0.206. Trellis-coded ("dependent") quantization gets about half of it back:
/// for a Gaussian 0.176 bit at 3.24 bits and 0.132 at 4.15 are left, with the 32 states of the project's own 0.07 at 2.9 (benchmark `trellis`).
/// A use: on draws of a known source our own coder has to lie between R(D) and the scalar quantizer, plus its overhead; a coder that is below loses information that it should not.
/// Source: [GishPierce1968].
/// </remarks>
public static class ScalarQuantizerGap
{
    /// <summary>I of the theory.</summary>
    public static Statement Statement { get; } = new('I', "Entropy-coded scalar quantizer", LimitStatus.Conditional,
        "independent draws of the named density, uniform thresholds, each cell reproduced as its mean, an ideal entropy code of single numbers");

    /// <summary>½ log₂(πe/6) bits: the gap of every density at high rate.</summary>
    public static double HighRateBits { get; } = 0.5 * Math.Log2(Math.PI * Math.E / 6);

    /// <summary>For a Gaussian: the quantizer's rate above R(D) = ½ log₂(σ²/D) at its distortion; bits for each number.</summary>
    /// <param name="rateBits">The quantizer's rate, 0.001 to 11 bits.</param>
    public static double GaussianBits(double rateBits)
    {
        var point = GaussianQuantizer.AtRate(1, rateBits);
        return point.RateBits - ShannonLowerBound.RateBits(DifferentialEntropy.GaussianBits(1), point.Distortion);
    }

    /// <summary>For a Laplace density: the quantizer's rate above the Shannon lower bound at its distortion; bits for each number. At low rate the bound itself is below R(D).</summary>
    /// <param name="rateBits">The quantizer's rate, 0.001 to 20 bits.</param>
    public static double LaplaceBits(double rateBits)
    {
        var point = LaplaceQuantizer.AtRate(1, rateBits);
        return point.RateBits - ShannonLowerBound.RateBits(DifferentialEntropy.LaplaceBits(1), point.Distortion);
    }
}
