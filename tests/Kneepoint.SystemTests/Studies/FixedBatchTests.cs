using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

/// <summary>Networks whose batch is fixed in the graph to more samples than a pass over the calibration samples wants.</summary>
public sealed class FixedBatchTests : IDisposable
{
    const int Batch = 256;
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Network()
    {
        var model = OnnxModel.Load(Path.Combine(Samples, "glyphs.onnx"));
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output)) value.Type.TensorType.Shape.Dim[0].DimValue = Batch;
        string file = _folder.File("fixed.onnx");
        model.Save(file);
        return file;
    }

    [Fact]
    public void Bug_no_samples_were_left_for_ranges_and_sensitivities_where_the_batch_is_larger_than_was_wished()
    {
        var settings = new ExplorationSettings();
        Assert.InRange(settings.RangeSamples, 1, Batch - 1);
        Assert.InRange(settings.SensitivitySamples, 1, Batch - 1);
        var subject = SubjectFile.Open(Network(), Path.Combine(Samples, "data.yaml"), new OrtRuntime(1), settings, TestContext.Current.CancellationToken);
        using var data = subject.Data;
        var store = new InMemoryStudyStore();
        var ranges = new RangeSource(subject, store, settings);
        using var sensitivity = new ProbePass(subject, new StudyCalibration(subject, store, settings), store, settings);
        var recipe = new Recipe([new Step("static-int8", ["*"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty)]);

        var statistics = ranges.Of(Compressor.RequiredActivations(subject.Baseline, recipe), _ => { }, TestContext.Current.CancellationToken);
        var found = sensitivity.Of(recipe, _ => { }, TestContext.Current.CancellationToken).Divergence;

        Assert.Equal(Batch, statistics!.SampleCount);
        Assert.Equal(Batch, found.Samples);
        Assert.True(found.Loss > 0);
    }

    [Fact]
    public void Another_batch_than_the_networks_is_refused_and_not_passed_over()
    {
        string network = Network(), study = _folder.File("study");
        foreach (string[] command in (string[][])[["run", network, "--out", study], ["measure", network]])
        {
            var result = Cli.Run([.. command, "--data", Samples, "--batch", "4"]);

            Assert.Equal(2, result.ExitCode);
            Assert.Empty(result.Output);
            string sentence = Assert.Single(result.Error.Trim().Split('\n'), line => line.StartsWith("kneepoint", StringComparison.Ordinal));
            Assert.Contains("--batch: the network", sentence, StringComparison.Ordinal);
            Assert.Contains("256", sentence, StringComparison.Ordinal);
            Assert.Contains("found 4", sentence, StringComparison.Ordinal);
        }

        Assert.False(Path.Exists(study));
    }

    [Fact]
    public void Changed_preprocessing_is_another_study_also_where_the_batch_is_fixed()
    {
        string network = Network(), study = _folder.File("study"), description = _folder.File("data.yaml");
        foreach (string file in Directory.GetFiles(Samples)) File.Copy(file, Path.Combine(Path.GetDirectoryName(description)!, Path.GetFileName(file)), overwrite: true);
        string[] command = ["run", network, "--data", description, "--out", study, "--trials", "1"];
        Assert.Equal(0, Cli.Run(command).ExitCode);

        File.WriteAllText(description, File.ReadAllText(description).Replace("mean: 0.2", "mean: 0.6", StringComparison.Ordinal));
        var again = Cli.Run(command);

        Assert.Equal(2, again.ExitCode);
        Assert.Contains("its data are different", again.Error, StringComparison.Ordinal);
    }
}
