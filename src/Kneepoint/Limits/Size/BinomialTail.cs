namespace Kneepoint.Limits.Size;

/// <summary>Logarithms of the tails of the binomial distribution.</summary>
/// <remarks>
/// Computes P(X = k) by its deviance from the mean, then the tail as this times a sum of ratios of neighboring probabilities, all of them positive; on the other side of the
/// mean, the complement. Relative error of the tail below 10⁻¹¹ for n up to 10⁹, of which a quantile keeps no more than the share of its spread in its size.
/// Cost: about 9 standard deviations, O(√n). Source: [Loader2000].
/// </remarks>
static class BinomialTail
{
    // Factorials below are exact numbers; above, the series is right to the last digit.
    const int ExactUpTo = 15;
    const double Negligible = 1e-18;

    /// <summary>Computes ln P(X ≥ k), X binomial(n, p).</summary>
    /// <param name="k">0 to n.</param>
    /// <param name="n">At least 1.</param>
    /// <param name="p">Between 0 and 1, both excluded.</param>
    public static double LogAtLeast(long k, long n, double p)
    {
        if (k == 0) return 0;
        if (k <= n * p) return NearOne.Log(-Math.Exp(LogAtMost(k - 1, n, p)));
        double ratio = p / (1 - p), term = 1, sum = 1;
        for (long j = k; j < n && term > Negligible * sum; j++)
        {
            term *= (n - j) / (j + 1d) * ratio;
            sum += term;
        }

        return LogProbability(k, n, p) + Math.Log(sum);
    }

    /// <summary>Computes ln P(X ≤ k), X binomial(n, p).</summary>
    /// <param name="k">0 to n.</param>
    /// <param name="n">At least 1.</param>
    /// <param name="p">Between 0 and 1, both excluded.</param>
    public static double LogAtMost(long k, long n, double p)
    {
        if (k == n) return 0;
        if (k >= n * p) return NearOne.Log(-Math.Exp(LogAtLeast(k + 1, n, p)));
        double ratio = (1 - p) / p, term = 1, sum = 1;
        for (long j = k; j > 0 && term > Negligible * sum; j--)
        {
            term *= j / (n - j + 1d) * ratio;
            sum += term;
        }

        return LogProbability(k, n, p) + Math.Log(sum);
    }

    static double LogProbability(long k, long n, double p)
    {
        if (k == 0) return n * NearOne.Log(-p);
        if (k == n) return n * Math.Log(p);
        double excess = Math.FusedMultiplyAdd(n, p, -k);
        return StirlingError(n) - StirlingError(k) - StirlingError(n - k) - Deviance.Of(k, excess) - Deviance.Of(n - k, -excess)
            + 0.5 * (Math.Log(n / (2 * Math.PI * k)) - Math.Log(n - k));
    }

    // ln n! − ln(√(2πn)·(n/e)ⁿ).
    static double StirlingError(long n)
    {
        if (n > ExactUpTo)
        {
            double inverse = 1.0 / n, square = inverse * inverse;
            return inverse * (1 / 12.0 - square * (1 / 360.0 - square * (1 / 1260.0 - square * (1 / 1680.0 - square * (1 / 1188.0 - square * (691 / 360360.0))))));
        }

        double factorial = 1;
        for (int i = 2; i <= n; i++) factorial *= i;
        return Math.Log(factorial) - 0.5 * Math.Log(2 * Math.PI * n) - n * Math.Log(n) + n;
    }
}
