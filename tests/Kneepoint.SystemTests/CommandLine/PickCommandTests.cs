using System.Text.Json;
using System.Text.RegularExpressions;
using Kneepoint.App;
using Kneepoint.Coding;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>What pick says where no variant meets the budgets, on studies made by hand.</summary>
public sealed partial class PickCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("top1", 0.96666, -0.01234, "--max-file-bytes", "20KB")]
    [InlineData("top1", 0.96666, -0.01234, "--max-macs", "1K")]
    [InlineData("top1", 0.96666, -0.01234, "--max-latency", "1us")]
    [InlineData("top1", 0.96666, -0.01234, "--min-accuracy", "0.99")]
    [InlineData("top1", 0.96666, -0.01234, "--max-drop", "0")]
    [InlineData("psnr", -3.14159, -1.23456, "--min-accuracy", "2")]
    [InlineData("nll", 2.345678, 0.123456, "--min-accuracy", "2.1")]
    [InlineData("nll", 2.345678, 0.123456, "--max-drop", "0.1")]
    [InlineData("mse", 1.23456e-7, 2.3456e-8, "--min-accuracy", "1e-8")]
    public void Bug_a_budget_relaxed_by_as_much_as_was_said_was_still_not_met(string metric, double accuracy, double change, string option, string limit)
    {
        string study = Study(metric, accuracy, change);
        var refused = Cli.Run("pick", study, option, limit);
        Assert.Equal(1, refused.ExitCode);
        string[] relaxed = Needed().Match(refused.Output).Groups[1].Value.Split(' ');

        Assert.Equal(option, relaxed[0]);
        Assert.Equal(0, Cli.Run(["pick", study, .. relaxed]).ExitCode);
    }

    [Fact]
    public void Bug_the_next_command_had_an_option_that_run_does_not_know()
    {
        var result = Cli.Run("pick", Study("top1", 0.9, 0), "--max-file-bytes", "20KB", "--minimize", "latency");

        Assert.DoesNotContain("--minimize", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_nothing_said_that_a_figure_was_not_measured_at_all()
    {
        string study = Study("top1", 0.9, 0);
        var result = Cli.Run("pick", study, "--max-packed-bytes", "20KB");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no variant of the study has packedBytes", result.Output, StringComparison.Ordinal);
        var minimized = Cli.Run("pick", study, "--minimize", "packedBytes");
        Assert.Equal(2, minimized.ExitCode);
        Assert.Contains("no variant of the study has packedBytes", minimized.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--objectives", "accuracy,packedBytes")]
    [InlineData("--max-packed-bytes", "20KB")]
    public void Bug_a_run_about_packed_files_measured_every_variant_and_found_none(string option, string value)
    {
        string samples = Path.Combine(Repository.Root, "samples", "glyphs"), study = _folder.File("study");
        var result = Cli.Run("run", Path.Combine(samples, "glyphs.onnx"), "--data", samples, "--out", study, "--trials", "2", "--methods", "rate-constrained", option, value);

        Assert.Equal("", result.ExitCode is 0 or 1 ? "" : result.Error);
        using var frontier = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(study, "frontier.json")));
        var variants = frontier.RootElement.GetProperty("variants").EnumerateArray().ToList();
        Assert.Equal(2, variants.Count);
        foreach (var variant in variants)
        {
            string packed = Path.Combine(study, variant.GetProperty("packed").GetString()!);
            Assert.Equal(variant.GetProperty("memory").GetProperty("packedBytes").GetInt64(), new FileInfo(packed).Length);
            Assert.Equal(File.ReadAllBytes(Path.Combine(study, variant.GetProperty("file").GetString()!)), PackedModel.Open(packed, cancellation: TestContext.Current.CancellationToken));
        }

        var picked = Cli.Run("pick", study, "--max-drop", "0.5", "--minimize", "packedBytes");
        Assert.Contains("--export best.knp", picked.Output, StringComparison.Ordinal);
        Assert.Contains("packed ", picked.Output, StringComparison.Ordinal);
        string export = _folder.File("small.knp");
        Assert.Equal(0, Cli.Run("pick", study, "--max-drop", "0.5", "--minimize", "packedBytes", "--export", export).ExitCode);
        Assert.Equal(variants.Min(variant => variant.GetProperty("memory").GetProperty("packedBytes").GetInt64()), new FileInfo(export).Length);
    }

    // A study of one measured variant, the baseline.
    string Study(string metric, double accuracy, double change)
    {
        string folder = _folder.File("study");
        bool isMaximized = metric is "top1" or "psnr";
        Directory.CreateDirectory(folder);
        using var store = SqliteStudyStore.Open(StudyFolder.DatabaseOf(folder));
        new StudyDescription("model.onnx", new string('0', 64), metric, isMaximized, 1, 0, "", 1, 1, 1).Claim(store);
        var head = new FrontierDocument
        {
            Kneepoint = "0",
            Model = new ModelFacts("model.onnx", new string('0', 64)),
            Data = new DataFacts(1, 0, new ObjectiveFacts(metric, isMaximized ? Direction.Maximize : Direction.Minimize)),
            Machine = new MachineFacts("cpu", [], 1, "runtime", 1, 1),
            Objectives = [new ObjectiveFacts("accuracy", isMaximized ? Direction.Maximize : Direction.Minimize), new ObjectiveFacts("fileBytes", Direction.Minimize)],
            Variants = [],
        };
        store.Put(StoredStudy.HeadEntry, head.ToJson());
        var figures = new Measured(new Interval(accuracy, accuracy, accuracy), new Interval(change, change, change),
            new MemoryFigures(104_449, null, 104_001, 7_203, 1_826_816), new ComputeFigures(1_417_024, 90_689_536, new Interval(0.0176640003, 0.017, 0.018), new Interval(1, 1, 1)), []);
        store.Add(Recipe.Baseline, new TrialOutcome.Measured(figures, new byte[8]), 1);
        return folder;
    }

    [GeneratedRegex(@"It needs (--\S+ \S+) instead of")]
    private static partial Regex Needed();
}
