using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Reports;

namespace Kneepoint.SystemTests.Cases;

/// <summary>
/// The whole way on real networks: run, read the frontier, open each of its files in the plain runtime and score it again.
/// KNEEPOINT_CASE_TRIALS sets the trials of a run (default 4, so that the suite is fast; a full study has 40).
/// </summary>
public sealed class CaseRunTests
{
    const int DefaultTrials = 4;

    // Rounding by data takes long on large networks; CatalogTests has it on all of them.
    const string QuickMethods = "dynamic-int8,weight-int8,fp16-weights";
    static readonly string[] Large = ["mobilenet", "squeezenet", "ultraface"];

    static readonly string Trials = Environment.GetEnvironmentVariable("KNEEPOINT_CASE_TRIALS") ?? DefaultTrials.ToString(CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx")]
    [InlineData("kws", "kws/dscnn_kws_ref_bn.onnx")]
    [InlineData("cifar10", "cifar10/resnet20_ft.onnx")]
    [InlineData("cifar10", "cifar10/resnet20_ft_bn.onnx")]
    [InlineData("fashion", "fashion/fashion_cnn.onnx")]
    [InlineData("mobilenet", "imagenet/mobilenet_v1_0.75_224.onnx")]
    [InlineData("squeezenet", "imagenet/squeezenet1.1_227.onnx")]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx")]
    [InlineData("char-lstm", "char-lstm/char_lstm_shakespeare_t100.onnx")]
    [InlineData("adult", "adult/adult_mlp.onnx")]
    [InlineData("silero-vad", "odd/silero_vad.onnx")]
    [InlineData("ultraface", "odd/ultraface_rfb320.onnx")]
    public void Files_of_the_frontier_give_the_stated_accuracy_again_in_the_plain_runtime(string data, string model)
    {
        string modelFile = Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model));
        using var folder = new TemporaryFolder();

        var result = Cli.Run(new Dictionary<string, string>(), TimeSpan.FromHours(1),
            ["run", modelFile, "--data", Description(data), "--out", folder.Path, "--trials", Trials, "--json", .. Large.Contains(data) ? ["--methods", QuickMethods] : Array.Empty<string>()]);

        Assert.True(result.ExitCode == 0, result.Error);
        string document = folder.File("frontier.json");
        var frontier = FrontierDocument.Parse(File.ReadAllBytes(document), document);
        Assert.NotEmpty(frontier.Frontier);
        using var baseline = new OrtRuntime(1).Open(modelFile, new SessionSettings { Threads = 1 });
        using var samples = DatasetFile.Open(Description(data), baseline.Inputs, baseline.Outputs, new SkiaImageDecoder(), 1,
            cancellation: TestContext.Current.CancellationToken);
        foreach (var variant in frontier.Variants.Where(variant => variant.OnFrontier))
        {
            Assert.NotNull(variant.File);
            Assert.Equal(variant.Accuracy!.Value.Value, Accuracy(folder.File(variant.File), modelFile, samples, baseline));
        }
    }

    [Fact]
    public void A_network_with_operators_that_the_runtime_lacks_is_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("study");

        var result = Cli.Run("run", Path.Combine(Repository.Case("odd"), "superresolution_custom_ops.onnx"), "--data", Description("superresolution"), "--out", output);

        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(output));
    }

    static string Description(string name) => Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{name}.yaml");

    static double Accuracy(string file, string modelFile, IDataset samples, OrtSession baseline)
    {
        using var session = new OrtRuntime(1).Open(file, new SessionSettings { Threads = 1 });
        var metric = MetricChoice.Of(samples.Metric, baseline.Outputs,
            isProbability: OutputKind.IsProbability(OnnxModel.Load(modelFile), MetricChoice.Scored(baseline.Outputs).Name));
        var scores = new AccuracyEvaluation { Metric = metric, BatchSize = 32 }.Run(session, samples, metric.NeedsBaseline ? baseline : null,
            cancellation: TestContext.Current.CancellationToken);
        return AccuracyFigure.Of(metric, scores, 1).Value;
    }
}
