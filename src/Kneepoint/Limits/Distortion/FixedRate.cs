namespace Kneepoint.Limits.Distortion;

/// <summary>What a quantizer of 2^b values reaches where every number takes the same b bits.</summary>
/// <remarks>
/// Uniform steps over [−x_max, x_max] err by Δ²/12 with Δ = 2 x_max/2^b: SQNR = 20 log₁₀2·b + 10 log₁₀3 − 20 log₁₀(x_max/σ) = 6.02 b + 4.77 − 20 log₁₀(x_max/σ) dB, as long as no number lies outside and the density is about
/// constant in a step. The best 2^b values for a Gaussian, many of them, err by (√3π/2)·σ²·2^(−2b): 4.35 dB, or 0.72 bit, from the rate–distortion function. Both are formulas of high rate, asymptotically exact: at 1 bit the second says 0.680 σ² where the best
/// two values reach 0.363. Source: [PanterDite1951]; [GrayNeuhoff1998] section II.
/// </remarks>
public static class FixedRate
{
    /// <summary>J of the theory.</summary>
    public static Statement Statement { get; } = new('J', "Fixed rate", LimitStatus.Conditional, "every number takes the same bits, none lies outside the range, many steps to a standard deviation");

    /// <summary>½ log₂(√3π/2) bits: how far the best values of fixed rate are above a Gaussian's rate–distortion function at high rate.</summary>
    public static double PanterDiteGapBits { get; } = 0.5 * Math.Log2(Math.Sqrt(3) * Math.PI / 2);

    /// <summary>The ratio of signal and error of uniform steps, in decibels.</summary>
    /// <param name="bits">b, above 0.</param>
    /// <param name="loading">x_max/σ: half the range in standard deviations, above 0.</param>
    public static double UniformDecibels(double bits, double loading)
    {
        CheckPositive(bits, nameof(bits));
        CheckPositive(loading, nameof(loading));
        return 20 * Math.Log10(2) * bits + 10 * Math.Log10(3) - 20 * Math.Log10(loading);
    }

    /// <summary>The squared error of uniform steps over a range: x_max²/(3·4^b).</summary>
    /// <param name="bits">b, above 0.</param>
    /// <param name="halfRange">x_max, above 0.</param>
    public static double UniformDistortion(double bits, double halfRange)
    {
        CheckPositive(bits, nameof(bits));
        CheckPositive(halfRange, nameof(halfRange));
        return halfRange * halfRange / 3 * Math.Pow(4, -bits);
    }

    /// <summary>The squared error of the best 2^b values for a Gaussian, by Panter and Dite.</summary>
    /// <param name="bits">b, above 0.</param>
    /// <param name="variance">σ², above 0.</param>
    public static double GaussianDistortion(double bits, double variance)
    {
        CheckPositive(bits, nameof(bits));
        CheckPositive(variance, nameof(variance));
        return Math.Sqrt(3) * Math.PI / 2 * variance * Math.Pow(4, -bits);
    }

    static void CheckPositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, "Expected a finite number above 0.");
    }
}
