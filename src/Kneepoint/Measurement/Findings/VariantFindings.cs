using System.Collections.Immutable;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Measurement.Findings;

/// <summary>All that is to be said of a measured variant against its baseline.</summary>
public static class VariantFindings
{
    /// <summary>The findings that apply.</summary>
    /// <param name="metric">What accuracy means.</param>
    /// <param name="scores">The variant's.</param>
    /// <param name="accuracy">The variant's figure.</param>
    /// <param name="change">Against the baseline.</param>
    /// <param name="memory">The variant's.</param>
    /// <param name="baselineFileBytes">The baseline's file.</param>
    /// <param name="latency">Against the baseline; null where not measured.</param>
    public static ImmutableArray<Finding> Of(IMetric metric, SampleScores scores, Interval accuracy, PairedChange change,
        MemoryFigures memory, long baselineFileBytes, VariantLatency? latency)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(memory);
        Finding?[] findings =
        [
            NonFiniteOutputs.Of(scores),
            TooFewSamples.Of(metric, scores.Count, accuracy, change.Change),
            NotDistinguishable.InAccuracy(change),
            SizeInflated.Of(memory, baselineFileBytes),
            latency is null ? null : SlowerThanBaseline.Of(latency, memory.FileBytes, baselineFileBytes),
            latency is null ? null : NotDistinguishable.InLatency(latency),
        ];
        return [.. findings.OfType<Finding>()];
    }
}
