using System.Globalization;
using System.Text.Json;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>What explain, and pick by the model, say of variants of a planned study.</summary>
public sealed class ExplainCommandTests(ExplainCommandTests.PlannedStudy planned, StudyFolderTests.SmallStudy small) : IClassFixture<ExplainCommandTests.PlannedStudy>, IClassFixture<StudyFolderTests.SmallStudy>
{
    /// <summary>A study on the bundled network with enough trials to be planned, made once.</summary>
    public sealed class PlannedStudy : IDisposable
    {
        readonly TemporaryFolder _folder = new();

        public PlannedStudy()
        {
            string samples = Path.Combine(Repository.Root, "samples", "glyphs");
            Folder = _folder.File("study");
            Assert.Equal(0, Cli.Run("run", Path.Combine(samples, "glyphs.onnx"), "--data", Path.Combine(samples, "data.yaml"), "--out", Folder, "--objectives", "accuracy,fileBytes",
                "--methods", "weight-int8,weight-int4,weight-int2", "--trials", "9").ExitCode);
        }

        public string Folder { get; }

        public void Dispose() => _folder.Dispose();
    }

    [Fact]
    public void Every_variant_is_explained_layer_by_layer_with_the_methods_of_its_recipe()
    {
        foreach (var (id, recipe) in Variants())
        {
            using var json = JsonDocument.Parse(Explain(planned.Folder, id, "--json"));
            foreach (var layer in json.RootElement.GetProperty("layers").EnumerateArray())
            {
                string method = layer.GetProperty("method").GetString()!;
                Assert.True(method == "keep" || recipe.Contains(method.Split(' ')[0], StringComparison.Ordinal), $"{id}: {method}");
                Assert.InRange(layer.GetProperty("loss").GetDouble(), 0, 1);
            }
        }
    }

    [Fact]
    public void Bug_choices_that_a_layer_had_or_could_have_lost_their_ends()
    {
        foreach (var (id, recipe) in Variants())
        {
            string text = Explain(planned.Folder, id);

            Assert.DoesNotContain('…', text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
            Assert.True(recipe.Length <= 20 || text.Contains("next best: ", StringComparison.Ordinal), text);
        }
    }

    [Fact]
    public void What_the_layers_save_adds_up_to_what_the_file_is_smaller()
    {
        using var frontier = JsonDocument.Parse(File.ReadAllText(Path.Combine(planned.Folder, "frontier.json")));
        var variants = frontier.RootElement.GetProperty("variants").EnumerateArray().ToList();
        double baseline = Bytes(variants.Single(variant => variant.GetProperty("id").GetString() == Kneepoint.Search.Recipe.Baseline.Id));
        foreach (var variant in variants.Where(variant => variant.GetProperty("id").GetString() != Kneepoint.Search.Recipe.Baseline.Id))
        {
            using var json = JsonDocument.Parse(Explain(planned.Folder, variant.GetProperty("id").GetString()!, "--json"));
            double saved = json.RootElement.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("saved").GetProperty("fileBytes").GetDouble());
            Assert.InRange(saved, (baseline - Bytes(variant)) * 0.93, (baseline - Bytes(variant)) * 1.07);
        }

        static double Bytes(JsonElement variant) => variant.GetProperty("memory").GetProperty("fileBytes").GetDouble();
    }

    [Theory]
    [InlineData("--max-file-bytes", "1KB", "--max-drop", "0.01", "--minimize", "fileBytes")]
    [InlineData("--max-file-bytes", "1KB", "--max-drop", "0.01")]
    public void Bug_what_other_budgets_forbid_was_called_enough(params string[] budgets)
    {
        var result = Cli.Run(["pick", planned.Folder, .. budgets]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("By the model, no recipe of the space meets them", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("are enough for these budgets", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_more_bytes_were_to_buy_more_than_the_variant_loses()
    {
        using var frontier = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(planned.Folder, "frontier.json")));
        int purchases = 0;
        foreach (var variant in frontier.RootElement.GetProperty("variants").EnumerateArray())
        {
            double change = 100 * variant.GetProperty("accuracyChange").GetProperty("value").GetDouble();
            string file = variant.GetProperty("memory").GetProperty("fileBytes").GetInt64().ToString(CultureInfo.InvariantCulture);
            string output = Cli.Run("pick", planned.Folder, "--max-file-bytes", file).Output;
            Assert.True(change <= Changes(output) + 0.01);
            var bought = System.Text.RegularExpressions.Regex.Match(output, @"of file buys \+([0-9.]+) points");
            if (!bought.Success) continue;
            purchases++;
            Assert.InRange(double.Parse(bought.Groups[1].Value, CultureInfo.InvariantCulture), 0, Math.Max(0, -Changes(output)) + 0.02);
        }

        Assert.NotEqual(0, purchases);

        static double Changes(string output) => double.Parse(System.Text.RegularExpressions.Regex.Match(output, @"change ([−+0-9.]+) points").Groups[1].Value.Replace('−', '-'), CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Without_an_id_the_knee_is_explained()
    {
        using var frontier = JsonDocument.Parse(File.ReadAllText(Path.Combine(planned.Folder, "frontier.json")));
        string knee = frontier.RootElement.GetProperty("knee").GetString()!;

        Assert.Equal(Explain(planned.Folder, knee), Explain(planned.Folder));
        Assert.Equal(Explain(planned.Folder, knee), Explain(planned.Folder, knee[..6]));
        Assert.StartsWith(knee, Explain(planned.Folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffffffffffffffff", "expected the id of a variant")]
    [InlineData("44", "expected the id of a variant")]
    public void An_id_that_nothing_bears_is_a_mistake_of_the_caller(string id, string sentence)
    {
        var result = Cli.Run("explain", planned.Folder, id);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_without_a_model_says_how_to_get_one()
    {
        var result = Cli.Run("explain", small.Folder, Kneepoint.Search.Recipe.Baseline.Id);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("a higher --trials", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_a_search_that_ended_with_its_first_plan_kept_no_model()
    {
        using var folder = new TemporaryFolder();
        string samples = Path.Combine(Repository.Root, "samples", "glyphs"), study = folder.File("study");
        Assert.Equal(0, Cli.Run("run", Path.Combine(samples, "glyphs.onnx"), "--data", Path.Combine(samples, "data.yaml"), "--out", study, "--objectives", "accuracy,fileBytes", "--methods", "fp16-network", "--trials", "9").ExitCode);

        Assert.Contains("All together the model expects", Explain(study, Kneepoint.Search.Recipe.Baseline.Id), StringComparison.Ordinal);
    }

    IEnumerable<(string Id, string Recipe)> Variants()
    {
        using var frontier = JsonDocument.Parse(File.ReadAllText(Path.Combine(planned.Folder, "frontier.json")));
        return [.. frontier.RootElement.GetProperty("variants").EnumerateArray().Select(variant => (variant.GetProperty("id").GetString()!, variant.GetProperty("recipe").GetRawText()))];
    }

    static string Explain(params string[] arguments)
    {
        var result = Cli.Run(["explain", .. arguments]);
        Assert.True(result.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"ended with {result.ExitCode}: {result.Error}"));
        return result.Output;
    }
}
