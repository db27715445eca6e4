namespace Kneepoint.Calibration;

/// <summary>The values of one sign that are alike to within a bin, as those of a channel that is constant or of a clip's end.</summary>
/// <remarks>
/// A spike is a bin that holds more than the mean of all bins and more than all of its neighbors up to 16 bins away together, the nearest two left out, as a spike may lie on
/// the border of two bins. Its excess is what it holds above their mean. Bins nearer than that to zero are none: a peak at zero is the middle of a distribution whose outliers lie far away, and wants a narrow range.
/// Cost: O(1) per bin.
/// </remarks>
sealed class HistogramSpikes
{
    const int Reach = 16;
    const int Neighbors = 2 * (Reach - 1);
    readonly long[] _excess;

    HistogramSpikes(long[] excess)
    {
        _excess = excess;
        Bins = [.. Enumerable.Range(0, excess.Length).Where(bin => excess[bin] > 0)];
    }

    /// <summary>The bins with spikes, ascending.</summary>
    public int[] Bins { get; }

    /// <summary>Finds the spikes.</summary>
    /// <param name="counts">Values by magnitude.</param>
    public static HistogramSpikes Of(ReadOnlySpan<long> counts)
    {
        long[] sums = new long[counts.Length + 1];
        for (int i = 0; i < counts.Length; i++) sums[i + 1] = sums[i] + counts[i];
        long[] excess = new long[counts.Length];
        for (int i = Reach; i < counts.Length; i++)
        {
            long around = sums[i - 1] - sums[i - Reach] + sums[Math.Min(i + Reach + 1, counts.Length)] - sums[Math.Min(i + 2, counts.Length)];
            if (counts[i] > around && counts[i] > sums[^1] / counts.Length) excess[i] = counts[i] - around / Neighbors;
        }

        return new HistogramSpikes(excess);
    }

    /// <summary>The values of a bin that are a spike; 0 where there is none.</summary>
    public long Excess(int bin) => _excess[bin];
}
