using System.Globalization;

namespace Kneepoint.Reports;

/// <summary>A study in one sentence.</summary>
public static class FrontierSummary
{
    // Below this a factor reads as "as large as".
    const double NoticeableFactor = 1.01;

    /// <summary>"24 variants measured; the frontier has 9; the knee is 3f2a…: 4.00× smaller, 2.30× faster, top-1 accuracy −0.30 points [−0.60, 0.00]."</summary>
    public static string Of(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        int count = document.Variants.Length, front = document.Frontier.Length;
        string counts = string.Create(CultureInfo.InvariantCulture,
            $"{Format.Whole(count)} {(count == 1 ? "variant" : "variants")} measured; the frontier has {Format.Whole(front)}");
        if (document.Find(document.Knee) is not { } knee) return $"{counts}; it has no knee.";
        return knee.IsBaseline
            ? $"{counts}; the knee is the baseline itself."
            : $"{counts}; the knee is {knee.Id}: {Against(document, knee)}.";
    }

    /// <summary>A variant against the baseline: "4.00× smaller, 2.30× faster, top-1 accuracy −0.30 points [−0.60, 0.00]".</summary>
    /// <remarks>Smaller is by the study's figure of memory. Faster is the paired latency ratio; where the study is about a count instead, the ratio of counts.</remarks>
    public static string Against(FrontierDocument document, FrontierVariant variant)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(variant);
        var parts = new List<string>();
        if (document.Baseline is { } baseline)
        {
            var memory = FigureKind.MemoryOf(document);
            double ratio = memory.Value(baseline) / memory.Value(variant);
            if (memory.Of(baseline) is null || memory.Of(variant) is null)
            {
                memory = FigureKind.Memory[0];
                ratio = memory.Value(baseline) / memory.Value(variant);
            }

            if (double.IsFinite(ratio) && ratio > 0) parts.Add(Compared(ratio, "smaller", "larger", "as large as"));
            AddSpeed(document, baseline, variant, parts);
        }

        var metric = MetricFormat.Of(document.Data.Metric.Name);
        if (variant.AccuracyChange is { } change) parts.Add($"{metric.Name} {metric.Change(change)}");
        return string.Join(", ", parts);
    }

    static void AddSpeed(FrontierDocument document, FrontierVariant baseline, FrontierVariant variant, List<string> parts)
    {
        var compute = FigureKind.ComputeOf(document);
        if (variant.Compute.LatencyRatio is { Value: > 0 } latency)
        {
            bool isDistinct = double.IsNaN(latency.Low) || latency.Low > 1 || latency.High < 1;
            parts.Add(isDistinct ? Compared(1 / latency.Value, "faster", "slower", "as fast as") : "not distinguishable in speed");
        }
        else if (compute.Value(baseline) / compute.Value(variant) is var fewer && double.IsFinite(fewer) && fewer > 0)
        {
            parts.Add(Compared(fewer, $"fewer {compute.Label}", $"more {compute.Label}", $"in {compute.Label} like"));
        }
    }

    static string Compared(double factor, string more, string less, string same) => factor switch
    {
        >= NoticeableFactor => $"{Format.Factor(factor)} {more}",
        <= 1 / NoticeableFactor => $"{Format.Factor(1 / factor)} {less}",
        _ => $"{same} the baseline",
    };
}
