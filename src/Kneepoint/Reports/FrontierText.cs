using System.Globalization;
using System.Text;

namespace Kneepoint.Reports;

/// <summary>A study's frontier as plain text for a terminal.</summary>
public static class FrontierText
{
    /// <summary>What was studied, the summary sentence, the table of the frontier from small to large, and the study's findings.</summary>
    /// <param name="document">The study.</param>
    /// <param name="width">Cells per line.</param>
    public static string Of(FrontierDocument document, int width = 120)
    {
        ArgumentNullException.ThrowIfNull(document);
        var text = new StringBuilder();
        text.Append(Format.Plain(Caption(document))).Append("\n\n");
        text.Append(Format.Plain(FrontierSummary.Of(document))).Append("\n\n");
        text.Append(Table(document).ToText(width));
        if (document.Trials is { } trials && trials.Rejected + trials.Crashed + trials.TimedOut > 0)
        {
            text.Append('\n').Append(Outcomes(trials)).Append('\n');
        }

        foreach (var finding in document.Findings) text.Append('\n').Append(Line(finding));
        return text.ToString();
    }

    /// <summary>Model, samples and machine in one line.</summary>
    public static string Caption(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return $"{document.Model.File} · {Circumstances(document)}";
    }

    /// <summary>Samples and machine in one line.</summary>
    public static string Circumstances(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        string samples = $"{Format.Whole(document.Data.Evaluate)} {(document.Data.Evaluate == 1 ? "sample" : "samples")}";
        return $"{MetricFormat.Of(document.Data.Metric.Name).Name} on {samples} · {Machine(document.Machine)}";
    }

    /// <summary>Processor, threads, batch and runtime in one line.</summary>
    public static string Machine(MachineFacts machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return string.Create(CultureInfo.InvariantCulture,
            $"{machine.Cpu}, {machine.Threads} {(machine.Threads == 1 ? "thread" : "threads")}, batch {machine.Batch}, {machine.Runtime}");
    }

    /// <summary>A finding as a line: "warning: … (code)".</summary>
    public static string Line(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return Format.Plain($"{finding.Severity.ToString().ToLowerInvariant()}: {finding.Message} ({finding.Code})") + "\n";
    }

    static TextTable Table(FrontierDocument document)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        var memory = FigureKind.MemoryOf(document);
        var compute = FigureKind.ComputeOf(document);
        var table = new TextTable(new("id"), new(metric.Name, IsRight: true), new($"change{(metric.ChangeUnit.Length > 0 ? "," : "")}{metric.ChangeUnit} [95 %]", IsRight: true),
            new(memory.Label, IsRight: true), new(compute.Label, IsRight: true), new("", IsRight: false), new("what it does", MayShrink: true));
        var baselineFirst = document.Variants.Where(v => v.OnFrontier || v.IsBaseline)
            .OrderBy(v => memory.Value(v)).ThenBy(v => v.Id, StringComparer.Ordinal);
        foreach (var variant in baselineFirst)
        {
            table.Add(variant.Id,
                variant.Accuracy is { } accuracy ? metric.Value(accuracy.Value) : "–",
                variant.IsBaseline ? "" : variant.AccuracyChange is { } change ? metric.ChangeNumber(change) : "–",
                memory.Of(variant) is { } bytes ? memory.Text(bytes.Value) : "–",
                compute.Of(variant) is { } cost ? compute.Text(cost.Value) : "–",
                Mark(document, variant),
                RecipeText.Of(variant.Recipe));
        }

        return table;
    }

    static string Mark(FrontierDocument document, FrontierVariant variant)
    {
        if (variant.Id == document.Knee) return "knee";
        if (variant.IsBaseline && !variant.OnFrontier) return "dominated";
        return variant.TiedWith.IsEmpty ? "" : "tied";
    }

    static string Outcomes(TrialCounts trials)
    {
        var parts = new List<string>();
        if (trials.Rejected > 0) parts.Add($"{Format.Whole(trials.Rejected)} rejected");
        if (trials.Crashed > 0) parts.Add($"{Format.Whole(trials.Crashed)} crashed");
        if (trials.TimedOut > 0) parts.Add($"{Format.Whole(trials.TimedOut)} timed out");
        return $"Trials without a variant: {string.Join(", ", parts)}.";
    }
}
