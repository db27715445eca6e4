using System.Globalization;

namespace Kneepoint.App.Commands;

/// <summary>The analysis of a table as a person reads it.</summary>
static class FrontText
{
    const int MostLines = 50;

    /// <summary>Writes to standard output.</summary>
    public static void Write(FrontObjectives objectives, FrontAnalysis analysis, FrontTimes times)
    {
        Line($"{analysis.Frontier.Length} of {analysis.Rows} rows are on the frontier.");
        if (analysis.Frontier.Length > 0) WriteRows(objectives, analysis);
        if (analysis.Volume is { } volume)
        {
            string reference = string.Join(", ", analysis.Reference.Select((limit, k) => $"{objectives.Names[k]}={Text(limit)}"));
            Line($"Hypervolume {(double.IsFinite(volume) ? Text(volume) : "beyond the largest double")} up to {reference}.");
        }

        if (analysis.KneeRow is { } knee) Line($"Knee: row {knee}.");
        else Line($"It has no knee.");
        foreach (int[] group in analysis.Ties.Take(MostLines)) Line($"Tied: rows {Listed(group)}.");
        if (analysis.Ties.Count > MostLines) Line($"… and {analysis.Ties.Count - MostLines} more ties (--json gives all).");
        Line($"Read in {times.ReadingSeconds:0.000} s, computed in {times.ComputingSeconds:0.000} s.");
    }

    static void WriteRows(FrontObjectives objectives, FrontAnalysis analysis)
    {
        int m = objectives.Count, shown = Math.Min(MostLines, analysis.Frontier.Length);
        string[][] cells = [
            ["row", .. objectives.Names],
            .. Enumerable.Range(0, shown).Select(i => (string[])[
                analysis.Frontier[i].ToString(CultureInfo.InvariantCulture), .. analysis.Values.AsSpan(i * m, m).ToArray().Select(Text)]),
        ];
        int[] widths = [.. Enumerable.Range(0, m + 1).Select(column => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells) Console.WriteLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadLeft(widths[column]))));
        if (analysis.Frontier.Length > shown) Line($"  … and {analysis.Frontier.Length - shown} more (--json gives all).");
    }

    static string Listed(int[] rows) =>
        string.Join(", ", rows.Take(MostLines).Select(row => row.ToString(CultureInfo.InvariantCulture))) + (rows.Length > MostLines ? " …" : "");

    static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    static void Line(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
