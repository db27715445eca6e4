namespace Kneepoint.Measurement.Latency;

/// <summary>The median: the middle of the sorted values, or the mean of the two in the middle.</summary>
static class Median
{
    /// <summary>Sorts the values in place and gives their median; NaN if there are none.</summary>
    public static double Of(Span<double> values)
    {
        if (values.IsEmpty) return double.NaN;
        values.Sort();
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>The median distance from the median, times 1.4826: the standard deviation if the values are normal.</summary>
    public static double Deviation(ReadOnlySpan<double> values)
    {
        double[] distances = values.ToArray();
        double median = Of(distances);
        for (int i = 0; i < distances.Length; i++) distances[i] = Math.Abs(distances[i] - median);
        return 1.4826 * Of(distances);
    }
}
