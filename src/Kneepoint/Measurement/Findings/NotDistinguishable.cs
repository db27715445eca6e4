using System.Globalization;
using Kneepoint.Measurement.Latency;

namespace Kneepoint.Measurement.Findings;

/// <summary>The measurement cannot tell the variant from its baseline.</summary>
public static class NotDistinguishable
{
    /// <summary>The code for accuracy.</summary>
    public const string AccuracyCode = "accuracy-not-distinguishable";

    /// <summary>The code for time.</summary>
    public const string LatencyCode = "latency-not-distinguishable";

    /// <summary>Judges accuracy.</summary>
    /// <returns>Null if the samples tell the two apart.</returns>
    public static Finding? InAccuracy(PairedChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change.IsDistinguishable ? null : new Finding(AccuracyCode, FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
            $"The samples cannot tell the accuracy from the baseline's: it changes by {change.Change.Value:G3} (95 %: {change.Change.Low:G3} to {change.Change.High:G3})."));
    }

    /// <summary>Judges time.</summary>
    /// <returns>Null if the runs tell the two apart.</returns>
    public static Finding? InLatency(VariantLatency latency)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return latency.Verdict != LatencyVerdict.NotDistinguishable ? null : new Finding(LatencyCode, FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
            $"The time is not distinguishable from the baseline's: ratio {latency.Ratio.Value:F3} (95 %: {latency.Ratio.Low:F3} to {latency.Ratio.High:F3})."));
    }
}
