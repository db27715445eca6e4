using System.CommandLine;
using System.Diagnostics;
using Kneepoint.Data.Tables;

namespace Kneepoint.App.Commands;

/// <summary>Pareto analysis of any table.</summary>
static class FrontCommand
{
    const string StandardInput = "-";

    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("front", """
            Finds the rows of a CSV table that no other row dominates, their knee, those that are tied (equal in every objective) and, with a
            reference, the volume that they dominate. Rows beyond the reference contribute nothing to it. Cells are separated by comma, semicolon or tab
            and may be quoted; only the columns that are named must be numbers, with a decimal point.

            Example: kneepoint front points.csv --minimize bytes,latency --maximize accuracy --reference bytes=500000,latency=20,accuracy=0
            """);
        var file = new Argument<string>("POINTS") { Description = "A CSV file whose first record names the columns; - for standard input" };
        var minimize = Columns("--minimize", "Columns where smaller is better: a,b");
        var maximize = Columns("--maximize", "Columns where larger is better: c");
        var reference = new Option<string>("--reference")
        {
            Description = "The volume's reference: a number for each objective, the minimized ones first (10,10,0), or by name (a=10,b=10,c=0)",
            HelpName = "NUMBERS",
        };
        var noHeader = new Option<bool>("--no-header") { Description = "The first record is a point; the columns are called 1, 2, 3 …" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(file);
        foreach (var option in new Option[] { minimize, maximize, reference, noHeader, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            string name = parsed.GetValue(file)!;
            FrontObjectives? objectives = null;
            double[] bound = [];
            long started = Stopwatch.GetTimestamp();
            var table = Read(name, !parsed.GetValue(noHeader), columns =>
            {
                objectives = FrontObjectives.Of(columns, parsed.GetValue(minimize) ?? [], parsed.GetValue(maximize) ?? []);
                if (parsed.GetValue(reference) is { } text) bound = objectives.Reference(text);
                return objectives.Places;
            }, cancellation);
            long read = Stopwatch.GetTimestamp();
            var analysis = FrontAnalysis.Of(table.Values, objectives!, bound);
            var times = new FrontTimes(Stopwatch.GetElapsedTime(started, read).TotalSeconds, Stopwatch.GetElapsedTime(read).TotalSeconds);
            if (parsed.GetValue(json)) FrontJson.Write(name, objectives!, analysis, times);
            else FrontText.Write(objectives!, analysis, times);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    static Option<string[]> Columns(string name, string description) => new(name) { Description = description, HelpName = "COLUMNS" };

    static NumberTable Read(string name, bool hasNames, Func<IReadOnlyList<string>, int[]> choose, CancellationToken cancellation)
    {
        const long ReportedBytes = 1_000_000;
        using var stream = Open(name);
        long total = stream.CanSeek ? stream.Length / ReportedBytes : 0;
        using var progress = TerminalProgress.ForProcess();
        return NumberTable.Read(stream, name == StandardInput ? "standard input" : name, hasNames, choose,
            bytes => progress.Report("megabytes read", bytes / ReportedBytes, total), cancellation);
    }

    static Stream Open(string name)
    {
        if (name == StandardInput) return Console.OpenStandardInput();
        if (!File.Exists(name)) throw new CommandLineException($"'{name}': expected a CSV file, found {(Directory.Exists(name) ? "a folder" : "nothing")}.");
        return new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }
}

/// <summary>Where the time went, in seconds: text to numbers, and numbers to the answer.</summary>
readonly record struct FrontTimes(double ReadingSeconds, double ComputingSeconds);
