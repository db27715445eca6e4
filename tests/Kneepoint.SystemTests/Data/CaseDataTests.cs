using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;

namespace Kneepoint.SystemTests.Data;

/// <summary>The descriptions of the cases give each network the figure that it was published with.</summary>
public sealed class CaseDataTests
{
    static readonly OrtRuntime Runtime = new();

    // Both parts together where the figure is that of all samples.
    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", 1, true, 912)]
    [InlineData("kws", "kws/dscnn_kws_ref_bn.onnx", 1, true, 912)]
    [InlineData("cifar10", "cifar10/resnet20_ft.onnx", 1, false, 8820)]
    [InlineData("cifar10", "cifar10/resnet20_ft_bn.onnx", 1, false, 8820)]
    [InlineData("fashion", "fashion/fashion_cnn.onnx", 1, false, 9341)]
    [InlineData("mobilenet", "imagenet/mobilenet_v1_0.75_224.onnx", 1, true, 749)]
    [InlineData("mobilenet", "imagenet/mobilenet_v1_0.75_224.onnx", 5, true, 927)]
    [InlineData("squeezenet", "imagenet/squeezenet1.1_227.onnx", 1, true, 533)]
    [InlineData("squeezenet", "imagenet/squeezenet1.1_227.onnx", 5, true, 785)]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx", 1, false, 4132)]
    [InlineData("adult", "adult/adult_mlp.onnx", 1, false, 5594)]
    public void Network_classifies_as_many_samples_as_published(string name, string model, int k, bool isAll, int expected)
    {
        double correct = 0;
        using var session = Open(model);
        using var data = Open(name, session);
        IMetric metric = new TopK(k, session.Outputs[0].Name);
        foreach (var part in isAll ? new[] { DataPart.Calibrate, DataPart.Evaluate } : [DataPart.Evaluate])
        {
            foreach (float score in Scores(session, data, part, metric)) correct += score;
        }

        Assert.Equal(expected, correct);
    }

    static OrtSession Open(string model)
        => Runtime.Open(Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model)), new SessionSettings());

    static IDataset Open(string name, OrtSession session) => DatasetFile.Open(
        Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{name}.yaml"), session.Inputs, session.Outputs, new SkiaImageDecoder(), 1,
        cancellation: TestContext.Current.CancellationToken);

    static IEnumerable<float> Scores(OrtSession session, IDataset data, DataPart part, IMetric metric) => data.Read(part, 32).SelectMany(batch =>
    {
        float[] scores = new float[batch.Count * metric.ScoresPerSample];
        metric.Score(session.Run(batch.Inputs), batch, null, scores);
        return scores;
    });

    [Fact]
    public void Language_model_has_the_published_likelihood()
    {
        using var session = Open("char-lstm/char_lstm_shakespeare_t100.onnx");
        using var data = Open("char-lstm", session);
        var metric = new NegativeLogLikelihood(session.Outputs[0].Name);

        var scores = new[] { DataPart.Calibrate, DataPart.Evaluate }.SelectMany(part => Scores(session, data, part, metric));

        Assert.Equal(1.5525, metric.Value(scores.ToArray()), 4);
    }
}
