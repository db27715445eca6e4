namespace Kneepoint.Limits.Distortion;

/// <summary>Fewer bits than differential entropy says do not suffice for a squared error.</summary>
/// <remarks>
/// R(D) ≥ h(X) − ½ log₂(2πe D), and R(D) ≥ 0: of all errors of mean square D the Gaussian one has the largest entropy. Equality for a Gaussian with D ≤ σ², for others as D → 0; at low rates it is loose (a Laplace density: by 0.028 bit where R = 0.26, by 0.003 where R = 0.86).
/// With an entropy that was estimated from the numbers themselves (<see cref="SpacingEntropy"/>) it is an ESTIMATE. Where numbers repeat there is no density and no such bound: <see cref="EntropyEstimate.IsMeaningful"/>.
/// Source: [Shannon1959]; [CoverThomas2006] problem 10.8; [Berger1971] section 4.3.
/// </remarks>
public static class ShannonLowerBound
{
    /// <summary>G of the theory, for a named density.</summary>
    public static Statement Statement { get; } = new('G', "Shannon lower bound", LimitStatus.Conditional, "weights are independent draws of the named density, squared error");

    /// <summary>G of the theory, for a density that is known by its draws only.</summary>
    public static Statement EstimatedStatement { get; } = new('G', "Shannon lower bound, estimated density", LimitStatus.Estimate,
        "weights are independent draws of one density, whose entropy is estimated from them; no value repeats; squared error");

    /// <summary>h − ½ log₂(2πe D), not below 0: bits for each number.</summary>
    /// <param name="entropyBits">h(X), bits; −∞ where there is no density: the bound is then 0 and says nothing.</param>
    /// <param name="distortion">D, the mean squared error of each number, above 0.</param>
    public static double RateBits(double entropyBits, double distortion)
    {
        if (double.IsNaN(entropyBits)) throw new ArgumentOutOfRangeException(nameof(entropyBits), entropyBits, "Expected a number.");
        if (!(distortion > 0)) throw new ArgumentOutOfRangeException(nameof(distortion), distortion, "A distortion must be above 0.");
        return Math.Max(0, entropyBits - 0.5 * Math.Log2(2 * Math.PI * Math.E * distortion));
    }

    /// <summary>2^(2(h − R))/(2πe): no code of R bits for each number has a smaller mean squared error.</summary>
    /// <param name="entropyBits">h(X), bits.</param>
    /// <param name="rateBits">R, bits for each number, at least 0.</param>
    public static double Distortion(double entropyBits, double rateBits)
    {
        if (double.IsNaN(entropyBits)) throw new ArgumentOutOfRangeException(nameof(entropyBits), entropyBits, "Expected a number.");
        if (!(rateBits >= 0)) throw new ArgumentOutOfRangeException(nameof(rateBits), rateBits, "A rate must be at least 0.");
        return Math.Pow(4, entropyBits - rateBits) / (2 * Math.PI * Math.E);
    }
}
