using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>Ends runs in the middle, by every signal there is, and lets them go on.</summary>
/// <remarks>KNEEPOINT_KILLS=20 kills twenty times; a few times is enough for every change.</remarks>
public sealed class InterruptionTests
{
    const int Trials = 6;
    const int SignalInterrupt = 2;
    const int SignalTerminate = 15;
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    static readonly Dictionary<string, string> NoVariables = [];

    static string[] Command(string folder, int trials = Trials) =>
    [
        "run", Path.Combine(Samples, "glyphs.onnx"), "--data", Path.Combine(Samples, "data.yaml"), "--out", folder,
        "--objectives", "accuracy,fileBytes", "--seed", "3", "--trials", trials.ToString(CultureInfo.InvariantCulture),
    ];

    static int Kills => int.TryParse(Environment.GetEnvironmentVariable("KNEEPOINT_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills)
        ? kills
        : 2;

    [Fact]
    public void Killed_at_any_moment_a_run_goes_on_loses_no_trial_and_measures_none_twice()
    {
        using var temporary = new TemporaryFolder();
        string unkilled = temporary.File("unkilled"), killed = temporary.File("killed");
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, Cli.Run(Command(unkilled)).ExitCode);
        double seconds = watch.Elapsed.TotalSeconds;

        var random = new Random(11);
        var ended = new List<string>();
        for (int kill = 0; kill < Kills; kill++)
        {
            using (var process = Cli.Start(NoVariables, Command(killed)))
            {
                // Moments from the whole length of a run; a process that has ended by then is killed by nobody.
                if (!process.WaitForExit(TimeSpan.FromSeconds(0.1 + random.NextDouble() * seconds))) process.Kill();
                process.WaitForExit();
            }

            ended = Extended(ended, killed);
            if (ended.Count < Trials) continue;

            // All is done: the remaining kills hit a fresh study.
            AssertSame(unkilled, killed);
            Directory.Delete(killed, recursive: true);
            ended = [];
        }

        Assert.Equal(0, Cli.Run(Command(killed)).ExitCode);
        Extended(ended, killed);
        AssertSame(unkilled, killed);
    }

    [Theory]
    [InlineData(SignalInterrupt)]
    [InlineData(SignalTerminate)]
    public async Task A_signal_ends_the_run_in_order_keeps_the_study_and_says_how_to_go_on(int signal)
    {
        using var temporary = new TemporaryFolder();
        string folder = temporary.File("study");
        using var process = Cli.Start(NoVariables, Command(folder, trials: 40));
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        WaitForTrials(process, folder, 2);
        Assert.Equal(0, Kill(process.Id, signal));
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "The run did not end within 30 s of the signal.");
        process.WaitForExit();

        Assert.Equal(130, process.ExitCode);
        Assert.Empty(await output);
        Assert.Contains($"resume with the same command, --out {folder}", await error, StringComparison.Ordinal);
        var ids = Ids(folder);
        Assert.True(ids.Count >= 2);
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));
        Assert.Equal(0, Cli.Run(Command(folder, ids.Count + 1)).ExitCode);
        Extended(ids, folder);
    }

    [Fact]
    public void Two_runs_do_not_write_one_folder()
    {
        using var temporary = new TemporaryFolder();
        string folder = temporary.File("study");
        using var first = Cli.Start(NoVariables, Command(folder, trials: 40));
        WaitForTrials(first, folder, 1);
        var second = Cli.Run(Command(folder));
        first.Kill(entireProcessTree: true);
        first.WaitForExit();

        Assert.Equal(2, second.ExitCode);
        Assert.Contains("is being written by another process", Assert.Single(second.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    // What had ended before is still there, in the same place; nothing is there twice.
    static List<string> Extended(List<string> before, string folder)
    {
        var now = Ids(folder);
        Assert.Equal(before, now.Take(before.Count));
        Assert.Equal(now.Count, now.Distinct(StringComparer.Ordinal).Count());
        return now;
    }

    static List<string> Ids(string folder)
    {
        string file = StudyFolder.DatabaseOf(folder);
        if (!File.Exists(file)) return [];

        // Opening for writing plays back what a killed writer left half-done, as the next run would.
        using var store = SqliteStudyStore.Open(file);
        var trials = store.Trials();
        Assert.Equal(Enumerable.Range(1, trials.Count), trials.Select(trial => trial.Number));
        return [.. trials.Select(trial => trial.Recipe.Id)];
    }

    static void AssertSame(string expected, string actual)
    {
        Assert.Equal(Ids(expected), Ids(actual));
        string[] frontier = Frontier(expected);
        Assert.Equal(frontier, Frontier(actual));
        foreach (string id in frontier)
        {
            string file = Path.Combine("variants", $"{id}.onnx");
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, file)), File.ReadAllBytes(Path.Combine(actual, file)));
        }

        Assert.Empty(Directory.EnumerateFiles(actual, "*.tmp*", SearchOption.AllDirectories));
    }

    static string[] Frontier(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "frontier.json")));
        return [.. document.RootElement.GetProperty("frontier").EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal)];
    }

    static void WaitForTrials(Process process, string folder, int count)
    {
        var watch = Stopwatch.StartNew();
        string tables = Path.Combine(folder, "frontier.json");
        while (true)
        {
            Assert.False(process.HasExited, "The run ended before it was to be interrupted.");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"There were no {count} trials within two minutes.");
            if (File.Exists(tables))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(tables));
                if (document.RootElement.GetProperty("variants").GetArrayLength() >= count) return;
            }

            Thread.Sleep(20);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Kill(int process, int signal);
}
