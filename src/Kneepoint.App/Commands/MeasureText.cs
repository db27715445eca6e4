using System.Globalization;
using System.Text;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>Measured files as a person reads them: one column for each file, the baseline first.</summary>
static class MeasureText
{
    const int CellsOfLabel = 24;
    const int CellsOfFile = 30;

    /// <summary>The text, lines ended by line feeds.</summary>
    /// <param name="measured">What was measured.</param>
    /// <param name="width">Cells per line.</param>
    public static string Of(MeasuredFiles measured, int width)
    {
        var metric = MetricFormat.Of(measured.Metric.Name);
        var text = new StringBuilder();
        text.Append(Caption(measured, metric)).Append('\n');
        // The baseline stands beside every group of files.
        int perTable = Math.Max(1, (width - CellsOfLabel) / CellsOfFile - (measured.HasBaseline ? 1 : 0));
        var first = measured.Files[0];
        var groups = measured.Files.Skip(measured.HasBaseline ? 1 : 0).Chunk(perTable)
            .Select(group => measured.HasBaseline ? [first, .. group] : group);
        foreach (var group in groups) text.Append('\n').Append(Table(group, metric, measured.HasBaseline).ToText(width));
        foreach (var file in measured.Files)
        {
            if (file.Figures.Findings.IsEmpty) continue;
            text.Append('\n').Append(Format.Plain(file.File)).Append('\n');
            foreach (var finding in file.Figures.Findings) text.Append(FrontierText.Line(finding, width));
        }

        if (!measured.Findings.IsEmpty) text.Append("\nData\n");
        foreach (var finding in measured.Findings) text.Append(FrontierText.Line(finding, width));
        return text.ToString();
    }

    static string Caption(MeasuredFiles measured, MetricFormat metric)
    {
        var machine = measured.Machine;
        string runtime = FrontierText.Machine(new MachineFacts(machine.Cpu, machine.InstructionSets, machine.Cores, machine.Runtime, machine.Threads, machine.Batch));
        return Format.Plain($"{metric.Name} on {Format.Whole(measured.Evaluate)} {(measured.Evaluate == 1 ? "sample" : "samples")} · {runtime} · [95 % intervals]");
    }

    static TextTable Table(IReadOnlyList<MeasuredFile> files, MetricFormat metric, bool hasBaseline)
    {
        var table = new TextTable([new TextColumn(""), .. files.Select(file => new TextColumn(Format.Plain(Path.GetFileName(file.File)), IsRight: true))]);
        void Row(string label, Func<MeasuredFile, string> cell) => table.Add([label, .. files.Select(cell)]);
        void Compared(string label, Func<MeasuredFile, string> cell) => Row(label, file => file.IsBaseline ? "" : cell(file));
        Row(metric.Name, file => metric.Value(file.Figures.Accuracy));
        if (hasBaseline) Compared("  change", file => metric.Change(file.Figures.AccuracyChange));
        if (hasBaseline) Compared("  the samples say", file => Verdict(file, NotDistinguishable.AccuracyCode, file.Figures.AccuracyChange, 0));
        Row("file", file => Format.Bytes(file.Figures.Memory.FileBytes));
        Row("weights", file => Format.Bytes(file.Figures.Memory.WeightBytes));
        Row("activations, peak", file => Format.Bytes(file.Figures.Memory.ActivationPeakBytes));
        Row("resident, peak", file => file.Figures.Memory.ResidentPeakBytes is { } bytes ? Format.Bytes(bytes) : "–");
        Row("MACs", file => Format.Count(file.Figures.Compute.Macs));
        Row("bit operations", file => Format.Count(file.Figures.Compute.BitOps));
        Row("latency", file => Latency(file.Figures.Compute.LatencyMilliseconds));
        if (hasBaseline) Compared("  of the baseline's", file => Ratio(file.Figures.Compute.LatencyRatio));
        if (hasBaseline) Compared("  the runs say", file => Verdict(file, NotDistinguishable.LatencyCode, file.Figures.Compute.LatencyRatio, 1));
        return table;
    }

    static string Latency(Interval? figure) => figure is { } latency
        ? $"{Format.Milliseconds(latency.Value)} {Format.Ends(latency, Format.Milliseconds)}"
        : "–";

    static string Ratio(Interval? figure) => figure is { } ratio
        ? string.Create(CultureInfo.InvariantCulture, $"{ratio.Value:F3} {Format.Ends(ratio, end => end.ToString("F3", CultureInfo.InvariantCulture))}")
        : "–";

    static string Verdict(MeasuredFile file, string code, Interval? figure, double none)
    {
        if (figure is not { } f) return "–";
        if (file.Figures.Findings.Any(finding => finding.Code == code)) return "not distinguishable";
        return (f.Value > none, none) switch
        {
            (true, 1) => "slower",
            (false, 1) => "faster",
            (true, _) => "higher",
            _ => "lower",
        };
    }
}
