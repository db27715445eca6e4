using Kneepoint.Tensors.Probability;

namespace Kneepoint.Measurement.Statistics;

/// <summary>Wilson's score interval of a proportion.</summary>
public static class Wilson
{
    /// <summary>The 95 % interval of a share of successes.</summary>
    /// <remarks>
    /// Computes (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) ÷ (1 + z²/n) with p = successes ÷ n and z = 1.96.
    /// Its coverage swings around 95 % with n and p since successes are whole numbers: at n = 50 and p = 0.5 it is 93.5 %, and for p within about 1/n of 0 or 1 it
    /// falls to 84 % in places. On average over p it is 95.0 to 95.4 %, from n = 30 on over 0 to 1 and from n = 100 on over 0.9 to 1. It stays useful at 0 and n, where
    /// the textbook interval p ± z·√(p(1 − p)/n) has no width.
    /// Source: Wilson, JASA 22 (1927); recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001).
    /// </remarks>
    /// <param name="successes">0 to <paramref name="n"/>.</param>
    /// <param name="n">At least 1.</param>
    public static Interval Of(long successes, long n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (successes < 0 || successes > n)
        {
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"Expected 0 to {n} successes.");
        }

        const double Z2 = NormalDistribution.TwoSided95 * NormalDistribution.TwoSided95;
        double p = (double)successes / n;
        double half = NormalDistribution.TwoSided95 * Math.Sqrt(p * (1 - p) / n + Z2 / (4.0 * n * n));
        double center = p + Z2 / (2.0 * n), scale = 1 + Z2 / n;
        double low = successes == 0 ? 0 : (center - half) / scale;
        double high = successes == n ? 1 : (center + half) / scale;
        return Interval.Containing(p, low, high);
    }
}
