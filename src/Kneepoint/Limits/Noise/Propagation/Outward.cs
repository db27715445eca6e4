namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>Upper bounds of what binary64 loses, so that intervals computed with it contain the real ones.</summary>
/// <remarks>
/// With u = 2^-53, a product and sum of n terms in any order is off by at most γ_n·Σ|terms|, γ_n = n·u ÷ (1 − n·u). A sum of n numbers that are not
/// negative is at least (1 − γ_n) of its exact value, so the exact value is at most 1 ÷ (1 − γ_n) ≤ 1 + 2γ_n times the computed one, the rounding of
/// that last product included from n = 4 on.
/// Products that underflow are off by at most 2^-1075 each; 10^-270 covers 2^40 of them, each times a weight of at most 2^128.
/// Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), lemma 3.1.
/// </remarks>
static class Outward
{
    /// <summary>The largest relative error of one operation, 2^-53.</summary>
    public const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>More than all that underflow can take from one result.</summary>
    public const double Underflow = 1e-270;

    const long MostOperations = 1L << 40;

    /// <summary>γ_n, rounded up.</summary>
    /// <param name="n">Operations one after another, 0 to 2^40.</param>
    public static double Gamma(long n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, MostOperations);
        double product = n * UnitRoundoff;
        return product / (1 - product) * (1 + 4 * UnitRoundoff);
    }

    /// <summary>The factor that takes a computed sum of numbers that are not negative above its exact value.</summary>
    /// <param name="n">Operations that made the sum, at most 2^39.</param>
    public static double Factor(long n) => 1 + 2 * Gamma(Math.Max(n, 4));

    /// <summary>A number at least as large as the exact value of a computed sum of numbers that are not negative.</summary>
    /// <param name="sum">Computed by <paramref name="n"/> operations; not negative.</param>
    /// <param name="n">At most 2^39.</param>
    public static double Above(double sum, long n) => sum * Factor(n) + Underflow;
}
