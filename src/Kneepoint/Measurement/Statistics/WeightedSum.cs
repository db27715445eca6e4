namespace Kneepoint.Measurement.Statistics;

/// <summary>Sums of columns in which each row occurs a number of times.</summary>
static class WeightedSum
{
    /// <summary>Computes the sum over i of counts[i] × scores[i·k + column], in double.</summary>
    /// <remarks>Four lanes, lane j takes rows j, j + 4, …, then (0 + 1) + (2 + 3): the order is the same on every machine.</remarks>
    /// <param name="scores">[n, k], row-major.</param>
    /// <param name="k">Columns.</param>
    /// <param name="column">Which one.</param>
    /// <param name="counts">[n].</param>
    public static double Of(ReadOnlySpan<float> scores, int k, int column, ReadOnlySpan<int> counts)
    {
        double a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (int at = column; i + 4 <= counts.Length; i += 4, at += 4 * k)
        {
            a += (double)counts[i] * scores[at];
            b += (double)counts[i + 1] * scores[at + k];
            c += (double)counts[i + 2] * scores[at + 2 * k];
            d += (double)counts[i + 3] * scores[at + 3 * k];
        }

        for (; i < counts.Length; i++) a += (double)counts[i] * scores[i * k + column];
        return a + b + (c + d);
    }

    /// <summary>Computes the sum of counts.</summary>
    public static long Of(ReadOnlySpan<int> counts)
    {
        long sum = 0;
        foreach (int count in counts) sum += count;
        return sum;
    }
}
