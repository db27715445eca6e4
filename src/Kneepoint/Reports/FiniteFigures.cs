using System.Collections.Immutable;
using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>Takes figures that are not numbers out of a document, and says so.</summary>
static class FiniteFigures
{
    internal const string Code = "figure-not-finite";

    /// <summary>The same document, without infinities and with a finding at each variant that had a figure that is not finite.</summary>
    /// <remarks>A figure whose value is not finite becomes null; an end of an interval becomes NaN, which is written as null. A document
    /// that has passed once passes again unchanged.</remarks>
    public static FrontierDocument Of(FrontierDocument document)
    {
        var variants = document.Variants.Select(Of).ToImmutableArray();
        var hypervolume = document.Hypervolume is { } volume
            && (!double.IsFinite(volume.Value) || volume.Reference.Any(r => !double.IsFinite(r))) ? null : document.Hypervolume;
        return document with
        {
            Variants = variants,
            Hypervolume = hypervolume,
            Seconds = Finite(document.Seconds),
            Findings = hypervolume == document.Hypervolume
                ? document.Findings
                : document.Findings.Add(new Finding(Code, FindingSeverity.Warning, "The hypervolume is not a finite number and is left out.")),
            FailedTrials = [.. document.FailedTrials.Select(trial => trial with { Seconds = Finite(trial.Seconds) ?? 0 })],
        };
    }

    static FrontierVariant Of(FrontierVariant variant)
    {
        var names = new List<string>();
        var accuracy = Of("accuracy", variant.Accuracy, names);
        var change = Of("accuracyChange", variant.AccuracyChange, names);
        var latency = Of("latencyMilliseconds", variant.Compute.LatencyMilliseconds, names);
        var ratio = Of("latencyRatio", variant.Compute.LatencyRatio, names);
        var labels = variant.Labels is { } cost && !double.IsFinite(cost.Nats) ? null : variant.Labels;
        if (labels != variant.Labels) names.Add("labels");
        if (names.Count == 0 && Finite(variant.Seconds) == variant.Seconds) return variant;
        var findings = names.Count == 0 ? variant.Findings : variant.Findings.Add(new Finding(Code, FindingSeverity.Warning,
            $"{string.Join(", ", names)} of this variant {(names.Count == 1 ? "is" : "are")} not finite and left out."));
        return variant with
        {
            Accuracy = accuracy,
            AccuracyChange = change,
            Compute = variant.Compute with { LatencyMilliseconds = latency, LatencyRatio = ratio },
            Labels = labels,
            Findings = findings,
            Seconds = Finite(variant.Seconds),
        };
    }

    static Interval? Of(string name, Interval? figure, List<string> names)
    {
        if (figure is not { } f) return null;
        if (!double.IsFinite(f.Value))
        {
            names.Add(name);
            return null;
        }

        // NaN is how an unknown end looks; only infinities are news.
        if (!double.IsInfinity(f.Low) && !double.IsInfinity(f.High)) return f;
        names.Add($"{name} interval");
        return f with { Low = double.IsInfinity(f.Low) ? double.NaN : f.Low, High = double.IsInfinity(f.High) ? double.NaN : f.High };
    }

    static double? Finite(double? number) => number is { } n && double.IsFinite(n) ? n : null;
}
