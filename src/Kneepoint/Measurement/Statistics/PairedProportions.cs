using Kneepoint.Tensors.Probability;

namespace Kneepoint.Measurement.Statistics;

/// <summary>The difference of two proportions that were taken on the same samples.</summary>
/// <remarks>Only the samples where the two differ carry information on it.</remarks>
public static class PairedProportions
{
    /// <summary>The 95 % score interval of the change (gained − lost) ÷ n.</summary>
    /// <remarks>
    /// The ends are the changes D with |T(D)| = z, where T(D) = (g − l − n·D) ÷ √(n·(2q + D(1 − D))), g gained, l lost, and q is the estimate of the
    /// probability of a loss given D: q = (√(B² − 8nC) − B) ÷ 4n with B = −g − l + (2n − g + l)·D and C = −l·D(1 − D).
    /// It leaves out 0 exactly if McNemar's test finds a difference, and has a width also where nothing was gained or lost.
    /// Source: Tango, Statistics in Medicine 17 (1998), 891–908; recommended by Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014).
    /// </remarks>
    /// <param name="gained">Samples right in the second and wrong in the first.</param>
    /// <param name="lost">Samples wrong in the second and right in the first.</param>
    /// <param name="n">Samples, at least 1 and at least gained + lost.</param>
    public static Interval Change(long gained, long lost, long n)
    {
        Check(gained, lost, n);
        double change = (double)(gained - lost) / n;
        // T falls as D grows, so −T − z and −T + z grow.
        double low = Bisection.Root(d => -Statistic(gained, lost, n, d) + NormalDistribution.TwoSided95, -1, change);
        double high = Bisection.Root(d => -Statistic(gained, lost, n, d) - NormalDistribution.TwoSided95, change, 1);
        return Interval.Containing(change, low, high);
    }

    /// <summary>The two-sided p-value of McNemar's mid-p test that gains and losses are equally likely.</summary>
    /// <remarks>Computes 2·P(X ≤ m) − P(X = m) with X binomial(gained + lost, ½) and m = min(gained, lost); 1 if there is neither.
    /// Source: Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91 (2013). Cost: O(m).</remarks>
    public static double MidP(long gained, long lost)
    {
        Check(gained, lost, Math.Max(1, gained + lost));
        long trials = gained + lost, m = Math.Min(gained, lost);
        if (gained == lost) return 1;
        // Terms relative to P(X = m), downwards: C(t, k − 1) ÷ C(t, k) = k ÷ (t − k + 1).
        double relative = 1, below = 0;
        for (long k = m; k >= 1 && relative > 1e-18; k--)
        {
            relative *= (double)k / (trials - k + 1);
            below += relative;
        }

        double logAtM = trials * Math.Log(0.5);
        for (long k = 1; k <= m; k++) logAtM += Math.Log((double)(trials - m + k) / k);
        return Math.Min(1, Math.Exp(logAtM) * (1 + 2 * below));
    }

    static double Statistic(double gained, double lost, double n, double d)
    {
        double b = -gained - lost + (2 * n - gained + lost) * d;
        double c = -lost * d * (1 - d);
        double root = Math.Sqrt(Math.Max(0, b * b - 8 * n * c));
        // The form without cancellation where b is positive.
        double q = b > 0 ? (root + b == 0 ? 0 : -2 * c / (root + b)) : (root - b) / (4 * n);
        double variance = n * (2 * q + d * (1 - d));
        double excess = gained - lost - n * d;
        if (excess == 0) return 0;
        return variance > 0 ? excess / Math.Sqrt(variance) : excess > 0 ? double.PositiveInfinity : double.NegativeInfinity;
    }

    static void Check(long gained, long lost, long n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gained);
        ArgumentOutOfRangeException.ThrowIfNegative(lost);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (gained + lost > n)
        {
            throw new ArgumentOutOfRangeException(nameof(n), n, $"{gained} gained and {lost} lost are more than {n} samples.");
        }
    }
}
