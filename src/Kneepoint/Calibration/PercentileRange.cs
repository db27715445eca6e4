namespace Kneepoint.Calibration;

/// <summary>The range that keeps a stated share of the values and cuts the outermost ones.</summary>
/// <remarks>
/// Computes low = the a/2 quantile and high = the 1 - a/2 quantile with a = 1 - percent / 100, widened to hold zero. Where the values have one sign
/// only, the whole share a is cut at their far end, as nothing can be cut at zero.
/// Known weakness: it counts values and does not weigh how far away they are; rare outliers that carry the decision are cut like any others.
/// </remarks>
public static class PercentileRange
{
    /// <summary>Chooses the range.</summary>
    /// <param name="histogram">The distribution; without values the range is empty.</param>
    /// <param name="percent">The share that stays inside, above 50 and at most 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside.</exception>
    public static ActivationRange Of(ActivationHistogram histogram, double percent)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        if (!(percent is > 50 and <= 100)) throw new ArgumentOutOfRangeException(nameof(percent), percent, "A percentile must be above 50 and at most 100.");
        double cut = 1 - percent / 100;
        bool hasBothSigns = histogram.Minimum < 0 && histogram.Maximum > 0;
        double tail = hasBothSigns ? cut / 2 : cut;
        return ActivationRange.Around(
            histogram.Minimum < 0 ? histogram.Quantile(tail) : 0,
            histogram.Maximum > 0 ? histogram.Quantile(1 - tail) : 0);
    }
}
