namespace Kneepoint.Tensors.Probability;

/// <summary>The standard normal distribution.</summary>
/// <remarks>
/// To |z| = 3 ½ less the series φ(z)·(z + z³/3 + z⁵/(3·5) + …), beyond it the tail as the continued fraction φ(z) ÷ (z + 1/(z + 2/(z + 3/…))): relative errors of about 10⁻¹⁵ and 10⁻¹².
/// Source: Abramowitz and Stegun 26.2.11 and 26.2.14.
/// </remarks>
static class NormalDistribution
{
    /// <summary>The 0.975 quantile: both tails outside ±z hold 5 %.</summary>
    public const double TwoSided95 = 1.959963984540054;

    const int Terms = 120;

    /// <summary>φ(z) = e^(−z²/2)/√(2π).</summary>
    public static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>Computes P(Z ≤ z); NaN gives NaN.</summary>
    public static double Cumulative(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        double tail = Upper(Math.Abs(z));
        return z > 0 ? 1 - tail : tail;
    }

    /// <summary>P(Z > z).</summary>
    /// <param name="z">At least 0.</param>
    public static double Upper(double z)
    {
        if (z <= 3) return 0.5 - Below(z);
        if (double.IsPositiveInfinity(z)) return 0;
        double value = z;
        for (int k = Terms; k >= 1; k--) value = z + k / value;
        return Density(z) / value;
    }

    /// <summary>P(0 &lt; Z &lt; z).</summary>
    /// <param name="z">At least 0.</param>
    public static double Below(double z)
    {
        if (z > 3) return 0.5 - Upper(z);
        double term = z, sum = z;
        for (int k = 3; term > sum * 1e-17; k += 2)
        {
            term *= z * z / k;
            sum += term;
        }

        return Density(z) * sum;
    }

    /// <summary>Computes z with P(Z ≤ z) = p; ±∞ at 0 and 1.</summary>
    /// <remarks>Bisects <see cref="Cumulative"/> on its lower tail, where it is exact to the last digits.</remarks>
    public static double Quantile(double p)
    {
        if (!(p >= 0 && p <= 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "A probability must be in [0, 1].");
        if (p > 0.5) return -Quantile(1 - p);
        if (p == 0) return double.NegativeInfinity;
        return Bisection.Root(z => Cumulative(z) - p, -39, 0);
    }
}
