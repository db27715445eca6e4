using Kneepoint.SystemTests.Runtime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>What a study says that used fewer trials than it was given.</summary>
public sealed class SearchEndTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_without_layers_to_treat_says_so_where_its_results_are_read()
    {
        string model = _folder.File("pixels.onnx"), study = _folder.File("study");
        Graphs.Model([Graphs.Value("image", ElementType.Float32, -1, 1, 20, 20)], ["logits"], Graphs.Node("Flatten", ["image"], ["logits"])).Save(model, false);

        var run = Cli.Run(["run", model, "--data", Path.Combine(Repository.Root, "samples", "glyphs", "data.yaml"), "--out", study, "--trials", "20"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("None of these methods can treat a layer of this network", run.Output, StringComparison.Ordinal);
        Assert.Contains("of 20 trials used", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run(["report", study]).ExitCode);
        Assert.Contains("search-ended", File.ReadAllText(Path.Combine(study, "frontier.json")), StringComparison.Ordinal);
        Assert.Contains("None of these methods can treat a layer", File.ReadAllText(Path.Combine(study, "report.html")), StringComparison.Ordinal);
    }
}
