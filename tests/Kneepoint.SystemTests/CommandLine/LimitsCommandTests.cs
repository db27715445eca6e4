using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kneepoint.Limits;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Limits.Size;
using Kneepoint.Reports;
using Kneepoint.Storage;
using Microsoft.Data.Sqlite;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>The command of limits on the bundled network.</summary>
public sealed partial class LimitsCommandTests(LimitsCommandTests.Computed computed) : IClassFixture<LimitsCommandTests.Computed>, IDisposable
{
    const int Columns = 120;
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    readonly TemporaryFolder _folder = new();

    /// <summary>A few trials, and their limits with training samples; made once.</summary>
    public sealed class Computed : IDisposable
    {
        readonly TemporaryFolder _folder = new();

        public Computed()
        {
            (Plain, Study) = (_folder.File("plain"), _folder.File("study"));
            string model = Path.Combine(Samples, "glyphs.onnx"), data = Path.Combine(Samples, "data.yaml"), train = _folder.File("train.yaml");

            // Held to be those that the network was trained on: its limits are then of that network.
            File.WriteAllText(train, File.ReadAllText(data).Replace("images: test", "images: calibration", StringComparison.Ordinal).Replace("labels: test", "labels: calibration", StringComparison.Ordinal)
                .Replace("calibrate:", $"folder: {JsonSerializer.Serialize(Samples)}\ncalibrate:", StringComparison.Ordinal));
            var run = Cli.Run("run", model, "--data", data, "--out", Plain, "--trials", "5", "--seed", "3", "--objectives", "accuracy,fileBytes", "--methods", "weight-int4");
            Assert.True(run.ExitCode == 0, run.Error);
            Copy(Plain, Study);
            First = Cli.Run("limits", Study, "--train", train);
        }

        /// <summary>A study without limits.</summary>
        public string Plain { get; }

        /// <summary>The same with limits.</summary>
        public string Study { get; }

        internal CliResult First { get; }

        public void Dispose() => _folder.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_is_within_its_width_and_names_the_status_of_what_it_says()
    {
        Assert.True(computed.First.ExitCode == 0, computed.First.Error);
        string[] lines = computed.First.Output.Split('\n');

        Assert.All(lines, line => Assert.True(TextTable.Cells(line.TrimEnd('\r')) <= Columns, line));
        foreach (char letter in "CHFOMP") Assert.Matches($@"\((TRUE|CONDITIONAL|ESTIMATE), statement {letter}\)", computed.First.Output);
        Assert.Contains("Error ≤ (packed bytes): TRUE, statement E, from", computed.First.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"NaN|Infinity|∞", computed.First.Output);
        Assert.Contains("no method computes the smallest size of one given network", Regex.Replace(computed.First.Output, @"\s+", " "), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_second_call_gives_the_same_text_at_once_and_as_json_every_statement_with_its_status()
    {
        var clock = Stopwatch.StartNew();
        var second = Cli.Run("limits", computed.Study);
        var seconds = clock.Elapsed;
        var json = Cli.Run("limits", computed.Study, "--json");

        Assert.Equal(computed.First.Output, second.Output);
        Assert.True(seconds < TimeSpan.FromSeconds(20), $"It took {seconds.TotalSeconds} s.");
        Assert.DoesNotMatch(@"NaN|Infinity", json.Output);
        using var document = JsonDocument.Parse(json.Output);
        var statements = document.RootElement.GetProperty("statements").EnumerateArray().ToList();
        Assert.Equal(StatementList.All.Length, statements.Count);
        Assert.All(statements, statement => Assert.Contains(statement.GetProperty("status").GetString(), (string[])["TRUE", "CONDITIONAL", "ESTIMATE"]));
        Assert.All(statements, statement => Assert.NotEmpty(statement.GetProperty("assumptions").GetString()!));
    }

    [Fact]
    public void Computed_again_all_figures_are_the_same_and_those_of_training_are_kept()
    {
        string study = Copy(computed.Study, _folder.File("study"));

        var again = Cli.Run(new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = "1" }, TimeSpan.FromMinutes(10), "limits", study, "--again", "--json");

        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(Cli.Run("limits", computed.Study, "--json").Output, again.Output);
    }

    [Fact]
    public void Limits_hold_their_laws_on_every_variant()
    {
        var limits = LimitsOf(computed.Study);
        var document = FrontierDocument.Read(Path.Combine(computed.Study, "frontier.json"));

        Assert.NotEmpty(limits.Variants);
        Assert.NotNull(limits.TrainSamples);
        foreach (var variant in limits.Variants)
        {
            var known = document.Find(variant.Id)!;
            double error = 1 - known.Accuracy!.Value.Value;
            Assert.True(variant.ModelBits is null || variant.ModelBits == 8.0 * known.Memory.PackedBytes);
            Assert.True(variant.HeldOutErrorAtMost > error && variant.ChosenErrorAtMost > variant.HeldOutErrorAtMost);
            Assert.True(variant.SizeAtLeastBits is null || variant.SizeAtLeastBits <= variant.ModelBits, $"{variant.Id}: {variant.ModelBits} bits are packed, {variant.SizeAtLeastBits} said to be needed.");
            long errors = (long)Math.Round(error * limits.Samples);
            Assert.True(variant.OccamErrorAtMost is null || variant.OccamErrorAtMost >= ClopperPearson.Lower(new ErrorCount(errors, limits.Samples), 0.025));
            if (known.File is not null) Assert.NotNull(variant.TrainErrors);
        }

        Assert.All(limits.Precision!.Rows, row => Assert.True(row.CertifiedShare is null || row.MeasuredAccuracy is null || row.CertifiedShare <= row.MeasuredAccuracy));
        Assert.All(limits.Precision.Rows, row => Assert.True(row.MismatchAtMost is null || row.MismatchAtMost <= row.Theorem + 1e-12));
        for (int i = 1; i < limits.Precision.Rows.Length; i++)
        {
            if (limits.Precision.Rows[i] is { Theorem: { } finer, Bits: var bits } && limits.Precision.Rows[i - 1] is { Theorem: { } coarser, Bits: var fewer })
            {
                double steps = ((1 << (bits - 1)) - 1.0) / ((1 << (fewer - 1)) - 1);
                Assert.Equal(coarser / (steps * steps), finer, 1e-9 * coarser);
            }
        }
    }

    [Fact]
    public void Signal_to_noise_is_predicted_within_three_decibels_where_weights_alone_are_rounded()
    {
        var document = FrontierDocument.Read(Path.Combine(computed.Study, "frontier.json"));
        var rounded = LimitsOf(computed.Study).Variants.Where(variant => document.Find(variant.Id)!.Recipe.Steps is [{ Method: "weight-int4" }]).ToList();

        Assert.NotEmpty(rounded);
        Assert.All(rounded, variant => Assert.InRange(variant.Predicted!.OutputSignalToNoiseDecibels!.Value - variant.Predicted.MeasuredSignalToNoiseDecibels!.Value, -3, 3));
        Assert.All(rounded, variant => Assert.InRange(variant.Predicted!.FisherNats!.Value / variant.Predicted.MeasuredDivergence!.Value, 0.25, 4));
    }

    [Fact]
    public void The_report_has_the_section_and_keeps_it()
    {
        string study = Copy(computed.Study, _folder.File("study")), report = Path.Combine(study, "report.html");
        string before = Section(File.ReadAllText(report));
        File.Delete(report);

        Assert.Equal(0, Cli.Run("report", study).ExitCode);

        Assert.Equal(before, Section(File.ReadAllText(report)));
        Assert.Contains("Statement by statement", before, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_was_moved_is_named_and_trials_say_what_they_can()
    {
        string study = Copy(computed.Plain, _folder.File("study"));
        Execute(study, "UPDATE entries SET value = CAST('{\"model\":\"/gone/away.onnx\",\"data\":\"/gone/data.yaml\"}' AS BLOB) WHERE name = 'sources'");

        var result = Cli.Run("limits", study);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("The model '/gone/away.onnx' is not there any more: name it by --model.", result.Output, StringComparison.Ordinal);
        Assert.Contains("MDL choice", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.True(TextTable.Cells(line) <= Columns, line));

        // Every statement has a figure or a reason of its own, and none sends back to the command that was just run.
        Assert.DoesNotContain("run 'kneepoint limits'", WithoutTags(Section(File.ReadAllText(Path.Combine(study, "report.html")))), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_model_or_other_data_are_refused_in_one_sentence()
    {
        string study = Copy(computed.Plain, _folder.File("study")), samples = Copy(Samples, _folder.File("samples")), model = Path.Combine(samples, "glyphs.onnx"), data = Path.Combine(samples, "data.yaml");
        var other = Kneepoint.Onnx.OnnxModel.Load(model);
        other.Proto.ProducerVersion += " ";
        other.Save(model);
        File.WriteAllText(data, File.ReadAllText(data).Replace("mean: 0.2", "mean: 0.3", StringComparison.Ordinal));

        foreach (var (option, path, sentence) in new[] { ("--model", model, "is not the model of the study"), ("--data", data, "are not the data of the study"), ("--model", _folder.File("absent.onnx"), "absent.onnx' is not there: name it by --model.") })
        {
            var result = Cli.Run("limits", study, option, path);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(sentence, Assert.Single(result.Error.Trim().Split('\n'), line => !line.Contains('·', StringComparison.Ordinal) && !line.StartsWith("reading", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_study_of_an_earlier_version_still_says_what_it_can()
    {
        string study = Copy(computed.Plain, _folder.File("study"));
        Execute(study, "DELETE FROM entries WHERE name = 'sources'; UPDATE trials SET figures = json_remove(figures, '$.labels')");

        var result = Cli.Run("limits", study);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("The study has no label costs", result.Output, StringComparison.Ordinal);
        Assert.Contains("The study does not say where its model and data lie", result.Output, StringComparison.Ordinal);
        Assert.Contains("error ≤ (held out)", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("report", study).ExitCode);
    }

    [Fact]
    public void Bug_limits_that_were_damaged_could_not_be_computed_again_and_kept_all_commands_from_the_study()
    {
        string study = Copy(computed.Plain, _folder.File("study"));
        Execute(study, $"DELETE FROM entries WHERE name = 'sources'; INSERT INTO entries (name, value) VALUES ('{StudyLimits.Entry}', CAST('{{' AS BLOB))");

        Assert.Equal(0, Cli.Run("pick", study).ExitCode);
        var report = Cli.Run("report", study);
        Assert.Equal(2, report.ExitCode);
        Assert.Contains("run 'kneepoint limits' again", report.Error, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("limits", study).ExitCode);
        Assert.Equal(0, Cli.Run("report", study).ExitCode);
    }

    // Compared with itself a network agrees with the baseline always: no training error, and so a size that it "needs at least".
    [Fact]
    public void Bug_agreement_with_the_baseline_was_taken_for_errors_on_training_samples()
    {
        string samples = Copy(Samples, _folder.File("samples")), data = Path.Combine(samples, "data.yaml"), study = _folder.File("agreement");
        File.WriteAllText(data, Regex.Replace(File.ReadAllText(data), "(?m)^(  labels:.*|target:.*|metric:.*)\n?", "") + "\nmetric: fidelity\n");
        var run = Cli.Run("run", Path.Combine(samples, "glyphs.onnx"), "--data", data, "--out", study, "--trials", "2", "--seed", "3", "--objectives", "accuracy,fileBytes", "--methods", "weight-int4");
        Assert.True(run.ExitCode == 0, run.Error);

        var result = Cli.Run("limits", study, "--train", data);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("counts no errors", result.Output, StringComparison.Ordinal);
        Assert.All(LimitsOf(study).Variants, variant => Assert.Null(variant.SizeAtLeastBits));
        Assert.DoesNotContain("run 'kneepoint limits'", WithoutTags(Section(File.ReadAllText(Path.Combine(study, "report.html")))), StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_in_the_middle_the_study_is_as_it_was()
    {
        string study = Copy(computed.Plain, _folder.File("study"));
        using (var process = Cli.Start(new Dictionary<string, string>(), "limits", study))
        {
            if (!process.WaitForExit(TimeSpan.FromSeconds(3))) process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        var report = Cli.Run("report", study);

        Assert.True(report.ExitCode == 0, report.Error);
        Assert.Equal(Trials(computed.Plain), Trials(study));
    }

    [Fact]
    public void A_folder_without_a_study_is_refused()
    {
        var result = Cli.Run("limits", _folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("holds no study", result.Error, StringComparison.Ordinal);
    }

    static List<string> Trials(string study)
    {
        using var store = SqliteStudyStore.Open(Path.Combine(study, "study.db"));
        return [.. store.Trials().Select(trial => $"{trial.Number} {trial.Recipe.Id} {trial.Outcome.GetType().Name}")];
    }

    static StudyLimits LimitsOf(string study)
    {
        using var store = SqliteStudyStore.OpenExisting(Path.Combine(study, "study.db"));
        return StudyLimits.Read(store)!;
    }

    static void Execute(string study, string commands)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(study, "study.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = commands;
        command.ExecuteNonQuery();
    }

    static string Section(string html) => LimitsSection().Match(html) is { Success: true } match ? match.Value : throw new InvalidOperationException("The report has no section on limits.");

    static string WithoutTags(string html) => System.Net.WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]*>", ""));

    static string Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    [GeneratedRegex("<section id=\"limits\".*?</section>", RegexOptions.Singleline)]
    private static partial Regex LimitsSection();
}
