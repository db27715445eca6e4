using Kneepoint.Pareto;

namespace Kneepoint.Limits.Distortion;

/// <summary>Estimates differential entropy from the distances between sorted numbers.</summary>
/// <remarks>
/// Computes 1/(n−m) · Σ_i log₂((n+1)/m · (x_(i+m) − x_(i))) + (ln m − ψ(m))/ln 2, with m = ⌈n^⅓⌉ and ψ(m) = −γ + Σ_{j&lt;m} 1/j: the sum of m spacings is a density, and log of it is biased by ψ(m) − ln m, which is taken back. What bias is left comes from a
/// density that changes within m spacings, most of it in the tails. Measured on 40 samples each of independent numbers: n = 1000, +0.00 bit (Gaussian), +0.02 (Laplace), −0.01 (uniform); n = 10 000 and more, within 0.01 bit of all three. The standard error is about 1/√n bits.
/// Values that occur more than m times have spacing 0, and the estimate is −∞, as it should be. Numbers must be independent draws. Cost: O(n log n).
/// Source: [Vasicek1976]; [Beirlant1997] section 2.3 for the form by m-spacings with its correction.
/// </remarks>
public static class SpacingEntropy
{
    const double EulerGamma = 0.5772156649015329;
    const int FewestNumbers = 8;

    /// <summary>The estimate.</summary>
    /// <param name="values">At least 8 finite numbers in any order; not changed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 8 numbers, or one that is not finite.</exception>
    public static EntropyEstimate Of(ReadOnlySpan<float> values)
    {
        if (values.Length < FewestNumbers) throw new ArgumentOutOfRangeException(nameof(values), values.Length, $"Expected at least {FewestNumbers} numbers.");
        float[] sorted = values.ToArray();
        Array.Sort(sorted);
        if (!float.IsFinite(sorted[0]) || !float.IsFinite(sorted[^1])) throw new ArgumentOutOfRangeException(nameof(values), "Expected finite numbers.");
        int n = sorted.Length, m = (int)Math.Ceiling(Math.Cbrt(n));
        var (atoms, repeated) = Repeats(sorted, m);
        if (atoms > 0) return new EntropyEstimate(double.NegativeInfinity, double.NaN, n, m, (double)atoms / n, (double)repeated / n);

        // Without atoms no m + 1 numbers are the same, so that each distance is above 0.
        int terms = n - m;
        CompensatedSum sum = default, squares = default;
        double scale = (n + 1.0) / m, around = Math.Log2(scale * ((double)sorted[n - 1] - sorted[0]) * m / n);
        for (int i = 0; i < terms; i++)
        {
            double term = Math.Log2(scale * ((double)sorted[i + m] - sorted[i])) - around;
            sum.Add(term);
            squares.Add(term * term);
        }

        double mean = sum.Value / terms, variance = squares.Value / terms - mean * mean;
        double digamma = -EulerGamma;
        for (int j = 1; j < m; j++) digamma += 1.0 / j;
        return new EntropyEstimate(around + mean + (Math.Log(m) - digamma) / Math.Log(2), Math.Sqrt(Math.Max(0, variance) / terms), n, m, 0, (double)repeated / n);
    }

    // How many numbers belong to a value that occurs more than m times, and how many are the same as one before.
    static (int Atoms, int Repeated) Repeats(float[] sorted, int m)
    {
        int atoms = 0, repeated = 0;
        for (int begin = 0; begin < sorted.Length;)
        {
            int end = begin + 1;
            while (end < sorted.Length && sorted[end] == sorted[begin]) end++;
            if (end - begin > m) atoms += end - begin;
            repeated += end - begin - 1;
            begin = end;
        }

        return (atoms, repeated);
    }
}
