using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Racing;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

/// <summary>What a network says of a sample, whatever samples it comes with.</summary>
public sealed class BatchMatesTests : IDisposable
{
    const int First = 160;
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What the labels cost is a sum over outputs in floating point: it shows every bit.
    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", "")]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", StaticInt8.MethodName)]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", "weight-int4")]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", "fp16-network")]
    [InlineData("adult", "adult/adult_mlp.onnx", "")]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx", "")]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx", "weight-int4")]
    [InlineData("fashion", "fashion/fashion_cnn.onnx", StaticInt8.MethodName)]
    public void Samples_in_another_order_give_the_same_scores_and_the_same_sums(string data, string model, string method)
    {
        var (inOrder, inParts) = Scores(data, model, method, out bool matter);

        Assert.False(matter);
        Assert.Equal(inOrder.Values, inParts.Values);
        Assert.Equal(inOrder.Labels, inParts.Labels);
    }

    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx")]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx")]
    public void Where_ranges_are_taken_from_the_batch_the_sums_differ_and_it_is_known(string data, string model)
    {
        var (inOrder, inParts) = Scores(data, model, DynamicInt8.MethodName, out bool matter);

        Assert.True(matter);
        Assert.NotEqual(inOrder.Labels, inParts.Labels);
    }

    // One sample at a time it has no mates: the figure is that of the deployed network, and parts in any order give it.
    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx")]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx")]
    public void As_deployed_one_by_one_such_networks_give_the_same_scores_in_any_order_too(string data, string model)
    {
        var (inOrder, inParts) = Scores(data, model, DynamicInt8.MethodName, out bool matter, deployedBatch: 1);

        Assert.True(matter);
        Assert.Equal(inOrder.Values, inParts.Values);
        Assert.Equal(inOrder.Labels, inParts.Labels);
    }

    (SampleScores InOrder, SampleScores InParts) Scores(string data, string model, string method, out bool matter, int? deployedBatch = null)
    {
        var settings = new ExplorationSettings();
        string modelFile = Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model)), variant = _folder.File("variant.onnx");
        var subject = SubjectFile.Open(modelFile, Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{data}.yaml"), new OrtRuntime(1), settings, TestContext.Current.CancellationToken);
        using var samples = subject.Data;
        var recipe = method.Length == 0 ? Recipe.Baseline : new Recipe([MethodCatalog.Usual.Single(usual => usual.Name == method).ToStep(Step.WholeNetwork)]);
        var network = Compressor.Apply(subject.Baseline, recipe, new StudyCalibration(subject, new InMemoryStudyStore(), settings).With(_ => { }, TestContext.Current.CancellationToken));
        network.Model.Save(variant);
        matter = BatchMates.Matter(network.Model);
        using var session = subject.Runtime.Open(variant, new SessionSettings());
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, Likelihood = subject.Likelihood, Parallelism = 2 };
        if (deployedBatch is { } batch) evaluation = evaluation.AsDeployed(network.Model, batch);
        var inOrder = evaluation.Run(session, samples, cancellation: TestContext.Current.CancellationToken);
        var growing = new GrowingEvaluation(evaluation, session, samples, null);
        growing.Add([.. RandomOrder.Of(inOrder.Count, 1)[..First].Order().Select(sample => (long)sample)], null, TestContext.Current.CancellationToken);
        growing.AddRest(null, TestContext.Current.CancellationToken);
        return (inOrder, growing.All());
    }
}
