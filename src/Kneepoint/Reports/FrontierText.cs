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
        document = FiniteFigures.Of(document);
        var text = new StringBuilder();
        text.Append(Wrap(Format.Plain(Caption(document)), width)).Append("\n\n");
        text.Append(Wrap(Format.Plain(FrontierSummary.Of(document)), width)).Append("\n\n");
        text.Append(Table(document, width).ToText(width));
        if (document.Trials is { } trials && trials.Rejected + trials.Crashed + trials.TimedOut > 0)
        {
            text.Append('\n').Append(Outcomes(trials)).Append('\n');
        }

        if (document is { Trials.Dropped: > 0, Racing: { } racing }) text.Append('\n').Append(Wrap(Dropped(document, racing), width)).Append('\n');

        foreach (var finding in document.Findings) text.Append('\n').Append(Line(finding, width));
        var choices = TypicalChoice.Of(document);
        if (choices.Count > 0) text.Append('\n').Append(Choices(document, choices).ToText(width));
        return text.ToString();
    }

    /// <summary>Breaks a paragraph between words, so that no line is wider; a word that is wider stays whole.</summary>
    /// <param name="text">One line without line ends.</param>
    /// <param name="width">Cells per line.</param>
    public static string Wrap(string text, int width)
    {
        ArgumentNullException.ThrowIfNull(text);
        var wrapped = new StringBuilder();
        int used = 0;
        foreach (string word in text.Split(' '))
        {
            int cells = TextTable.Cells(word);
            if (used > 0 && used + 1 + cells > width)
            {
                wrapped.Append('\n');
                used = 0;
            }
            else if (used > 0)
            {
                wrapped.Append(' ');
                used++;
            }

            wrapped.Append(word);
            used += cells;
        }

        return wrapped.ToString();
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

    /// <summary>A finding, "warning: … (code)", with a line feed at its end.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="width">Cells per line.</param>
    public static string Line(Finding finding, int width)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return Wrap(Format.Plain($"{finding.Severity.ToString().ToLowerInvariant()}: {finding.Message} ({finding.Code})"), width) + "\n";
    }

    // What a recipe does is long: where little room is left beside the figures, it gets a line of its own.
    static TextTable Table(FrontierDocument document, int width)
    {
        const int EnoughCells = 40;
        const int LastFigure = 5;
        TextColumn[] columns = Columns(document);
        var rows = document.Variants.Where(v => v.OnFrontier || v.IsBaseline)
            .OrderBy(v => FigureKind.MemoryOf(document).Value(v)).ThenBy(v => v.Id, StringComparer.Ordinal)
            .Select(v => (Cells: Row(document, v), What: RecipeText.Of(v.Recipe))).ToList();
        int used = columns.Select((column, i) => rows.Select(row => TextTable.Cells(row.Cells[i])).Append(TextTable.Cells(column.Head)).Max() + 2).Sum();
        int longest = rows.Select(row => TextTable.Cells(row.What)).DefaultIfEmpty().Max();
        bool isBeside = width - used >= Math.Min(longest, EnoughCells);
        var table = isBeside ? new TextTable([.. columns, new TextColumn("what it does", MayShrink: true)]) : new TextTable(columns[..LastFigure]);
        foreach (var (cells, what) in rows)
        {
            if (isBeside)
            {
                table.Add([.. cells, what]);
                continue;
            }

            table.Add(cells[..LastFigure]);
            table.AddNote(cells[LastFigure].Length > 0 ? $"{cells[LastFigure]}: {what}" : what);
        }

        return table;
    }

    static TextColumn[] Columns(FrontierDocument document)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        return
        [
            new("id"), new(metric.Name, IsRight: true), new($"change{(metric.ChangeUnit.Length > 0 ? "," : "")}{metric.ChangeUnit} [95 %]", IsRight: true),
            new(FigureKind.MemoryOf(document).Label, IsRight: true), new(FigureKind.ComputeOf(document).Label, IsRight: true), new(""),
        ];
    }

    static string[] Row(FrontierDocument document, FrontierVariant variant)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        return
        [
            variant.Id,
            variant.Accuracy is { } accuracy ? metric.Value(accuracy.Value) : "–",
            variant.IsBaseline ? "" : variant.AccuracyChange is { } change ? metric.ChangeNumber(change) : "–",
            Figure(FigureKind.MemoryOf(document), variant),
            Figure(FigureKind.ComputeOf(document), variant),
            Mark(document, variant),
        ];
    }

    static string Figure(FigureKind kind, FrontierVariant variant) => kind.Of(variant) is { } figure ? kind.Text(figure.Value) : "–";

    static TextTable Choices(FrontierDocument document, IReadOnlyList<TypicalChoice> choices)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        FigureKind[] figures = [FigureKind.MemoryOf(document), FigureKind.ComputeOf(document)];
        var table = new TextTable([new("best for"), new("id"), .. figures.Select(figure => new TextColumn(figure.Label, IsRight: true)), new("change", IsRight: true)]);
        foreach (var (purpose, variant, _, _) in choices)
        {
            string change = variant.IsBaseline ? "the baseline" : variant.AccuracyChange is { } c ? metric.Change(c.Value) : "–";
            table.Add([purpose, variant.Id, .. figures.Select(figure => Figure(figure, variant)), change]);
        }

        return table;
    }

    static string Mark(FrontierDocument document, FrontierVariant variant)
    {
        if (variant.Id == document.Knee) return "knee";
        if (variant.IsBaseline && !variant.OnFrontier) return "dominated";
        return variant.TiedWith.IsEmpty ? "" : "tied";
    }

    static string Dropped(FrontierDocument document, RacingFacts racing) =>
        $"{Format.Whole(document.Trials!.Dropped)} dropped early: all samples would not tell them to be better than a variant that costs no more, with {Format.Percent(racing.Confidence)} confidence after {Format.Whole(racing.TypicalSamples)} of "
        + $"{Format.Whole(document.Data.Evaluate)} samples (median); {Format.Whole(racing.Evaluations)} sample evaluations instead of {Format.Whole(racing.EvaluationsOtherwise)}.";

    static string Outcomes(TrialCounts trials)
    {
        var parts = new List<string>();
        if (trials.Rejected > 0) parts.Add($"{Format.Whole(trials.Rejected)} rejected");
        if (trials.Crashed > 0) parts.Add($"{Format.Whole(trials.Crashed)} crashed");
        if (trials.TimedOut > 0) parts.Add($"{Format.Whole(trials.TimedOut)} timed out");
        return $"Trials without a variant: {string.Join(", ", parts)}.";
    }
}
