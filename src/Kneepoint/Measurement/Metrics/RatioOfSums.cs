using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The figure of metrics that keep a sum and a count of each sample.</summary>
static class RatioOfSums
{
    /// <summary>Computes the sum of column 0 ÷ the sum of column 1 of [n, 2], in double, first to last.</summary>
    public static double Of(ReadOnlySpan<float> scores)
    {
        double sum = 0, count = 0;
        for (int i = 0; i < scores.Length; i += 2)
        {
            sum += scores[i];
            count += scores[i + 1];
        }

        return sum / count;
    }

    /// <summary>The same where sample i occurs counts[i] times.</summary>
    public static double Of(ReadOnlySpan<float> scores, ReadOnlySpan<int> counts) =>
        WeightedSum.Of(scores, 2, 0, counts) / WeightedSum.Of(scores, 2, 1, counts);
}
