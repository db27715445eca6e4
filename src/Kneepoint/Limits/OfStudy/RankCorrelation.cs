namespace Kneepoint.Limits.OfStudy;

/// <summary>Spearman's rank correlation: that of the ranks, equal numbers sharing the mean of theirs.</summary>
public static class RankCorrelation
{
    /// <summary>Computes it.</summary>
    /// <param name="first">n numbers.</param>
    /// <param name="second">n numbers.</param>
    /// <returns>−1 to 1; null for fewer than three pairs, or where all numbers of a side are equal.</returns>
    public static double? Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length) throw new ArgumentException($"Expected pairs; found {first.Length} and {second.Length} numbers.", nameof(second));
        if (first.Length < 3) return null;
        double[] a = Ranks(first), b = Ranks(second);
        double mean = (first.Length + 1) / 2.0, product = 0, left = 0, right = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (a[i] - mean) * (b[i] - mean);
            left += (a[i] - mean) * (a[i] - mean);
            right += (b[i] - mean) * (b[i] - mean);
        }

        return left > 0 && right > 0 ? product / Math.Sqrt(left * right) : null;
    }

    static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        double[] ranks = new double[sorted.Length];
        for (int i = 0; i < sorted.Length;)
        {
            int end = i;
            while (end < sorted.Length && sorted[end].Equals(sorted[i])) end++;
            for (int k = i; k < end; k++) ranks[order[k]] = (i + 1 + end) / 2.0;
            i = end;
        }

        return ranks;
    }
}
