namespace Kneepoint.Measurement.Statistics;

/// <summary>The standard normal distribution.</summary>
static class NormalDistribution
{
    /// <summary>The 0.975 quantile: both tails outside ±z hold 5 %.</summary>
    public const double TwoSided95 = 1.959963984540054;

    /// <summary>Computes P(Z ≤ z).</summary>
    /// <remarks>For |z| ≤ 3 the series ½ ± φ(z)·(z + z³/3 + z⁵/(3·5) + …), beyond it the tail as the continued fraction
    /// φ(z) ÷ (z + 1/(z + 2/(z + 3/…))). Relative error below 10⁻¹²; NaN gives NaN. Source: Abramowitz and Stegun 26.2.11 and 26.2.14.</remarks>
    public static double Cumulative(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        double size = Math.Abs(z);
        double density = Math.Exp(-size * size / 2) / Math.Sqrt(2 * Math.PI);
        double tail = size <= 3 ? 0.5 - density * Series(size) : density / Fraction(size);
        return z > 0 ? 1 - tail : tail;
    }

    static double Series(double z)
    {
        double term = z, sum = z;
        for (int k = 3; term > sum * 1e-17; k += 2)
        {
            term *= z * z / k;
            sum += term;
        }

        return sum;
    }

    static double Fraction(double z)
    {
        const int Terms = 120;
        double value = z;
        for (int k = Terms; k >= 1; k--) value = z + k / value;
        return value;
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
