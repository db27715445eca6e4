namespace Kneepoint.Limits.Distortion;

/// <summary>What an ideal code makes of one Gaussian number: ŵ = mean + s·(w − mean) + n, the noise n normal and independent of w.</summary>
/// <remarks>
/// Of a number w of variance σ² that is reproduced with the error D ≤ σ², the *backward* channel is w = ŵ + N(0, D), with noise independent of the reproduction ŵ, so that ŵ has only the variance σ² − D. Seen from the weights
/// that are known (the *forward* channel) that is s = 1 − D/σ² and noise of variance D·s. So adding noise of variance D to the weights is not what an ideal code does: it would leave σ² + D. At high rates both agree.
/// The squared error is (1 − s)²σ² + D·s = D. Where nothing is sent, D = σ²: s = 0, no noise, every number becomes its mean. Source: [Berger1971] section 4.3.
/// </remarks>
/// <param name="Shrink">s, 0 to 1.</param>
/// <param name="NoiseStandardDeviation">√(D·s), in units of the weight: what is drawn.</param>
/// <param name="ErrorVariance">D = E(w − ŵ)², in squared units of the weight, without λ.</param>
/// <param name="RateBits">½ log₂(σ²/D), bits of one number.</param>
public readonly record struct ComponentNoise(double Shrink, double NoiseStandardDeviation, double ErrorVariance, double RateBits)
{
    /// <summary>The noise of a number at a water level.</summary>
    /// <param name="variance">σ², at least 0.</param>
    /// <param name="sensitivity">λ, what a unit of squared error costs, at least 0. A number that costs nothing takes no bits.</param>
    /// <param name="waterLevel">θ, above 0, in units of λσ².</param>
    public static ComponentNoise At(double variance, double sensitivity, double waterLevel)
    {
        if (!(variance >= 0 && double.IsFinite(variance))) throw new ArgumentOutOfRangeException(nameof(variance), variance, "A variance must be finite and at least 0.");
        if (!(sensitivity >= 0 && double.IsFinite(sensitivity))) throw new ArgumentOutOfRangeException(nameof(sensitivity), sensitivity, "A sensitivity must be finite and at least 0.");
        double weighted = variance * sensitivity, bits = ReverseWaterFilling.ComponentBits(weighted, waterLevel);
        if (bits == 0) return new ComponentNoise(0, 0, variance, 0);
        double share = waterLevel / weighted, error = share * variance, shrink = 1 - share;
        return new ComponentNoise(shrink, Math.Sqrt(error * shrink), error, bits);
    }
}
