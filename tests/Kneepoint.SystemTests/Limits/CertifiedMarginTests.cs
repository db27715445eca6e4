using System.Diagnostics;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Limits.Noise;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Limits;

/// <summary>Certificates of real networks against the accuracy of the same networks with rounded weights, as the runtime has it.</summary>
public sealed class CertifiedMarginTests(ITestOutputHelper output)
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Fact]
    public void A_real_network_of_dense_layers_is_no_worse_than_certified_and_certified_from_ten_bits_on()
    {
        double[] floors = Compare("adult", "adult/adult_mlp.onnx", 2000, [2, 3, 4, 5, 6, 7, 8, 9, 10]);

        Assert.True(floors[^1] > 0);
        Assert.Equal(floors.Order(), floors);
    }

    [Fact]
    public void A_real_convolutional_network_is_no_worse_than_certified() => Compare("fashion", "fashion/fashion_cnn.onnx", 100, [8, 12, 16]);

    // Widths come from the rounding of binary64 alone. They grow with depth by the sums of the weights' magnitudes: after fifty layers nothing is left.
    [Theory]
    [InlineData("adult/adult_mlp.onnx", 1e-10)]
    [InlineData("kws/dscnn_kws_ref.onnx", 1e-7)]
    [InlineData("kws/dscnn_kws_ref_bn.onnx", 1e-7)]
    [InlineData("fashion/fashion_cnn.onnx", 1e-7)]
    [InlineData("cifar10/resnet20_ft.onnx", 5)]
    [InlineData("cifar10/resnet20_ft_bn.onnx", 5)]
    [InlineData("imagenet/squeezenet1.1_227.onnx", 1)]
    [InlineData("imagenet/mobilenet_v1_0.75_224.onnx", 1e4)]
    public void With_exact_weights_intervals_hold_what_the_runtime_gives(string file, double widest)
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case(Path.GetDirectoryName(file)!), Path.GetFileName(file)));
        var network = Compiled(model);
        using var session = Runtime.Open(model, new SessionSettings());
        long[] shape = new InputShapes().Resolve(model.Graph.Input[0])!;
        Tensor.TryCount(shape, out long count);
        float[] numbers = [.. Enumerable.Range(0, (int)count).Select(i => i * 7919 % 1013 / 506f - 1)];
        var inputs = new Dictionary<string, Tensor> { [session.Inputs[0].Name] = Tensor.Of(shape, numbers) };

        var clock = Stopwatch.StartNew();
        var interval = network.Run(inputs, 0, WeightBox.Exact);
        clock.Stop();

        double width = Enumerable.Range(0, interval.Count).Max(i => interval.High(i) - interval.Low(i));
        output.WriteLine($"{file}: {clock.Elapsed.TotalMilliseconds:F0} ms, widest interval {width:G3}, lead {interval.LeastLead(interval.Candidate):G3}");
        Assert.InRange(width, 0, widest);

        // A last Softmax is not part of the intervals; the logarithm of a quotient of its outputs is the difference of its inputs.
        float[] scores = session.Run(inputs)[session.Outputs[0].Name].Values<float>().ToArray();
        Assert.Equal(scores.Length, interval.Count);
        bool isSoftmax = model.Graph.Node.Any(node => node.OpType == "Softmax");
        int top = Array.IndexOf(scores, scores.Max());
        double scale = isSoftmax ? 1 : scores.Max(Math.Abs);
        for (int i = 0; i < scores.Length; i++)
        {
            if (isSoftmax && scores[i] < 1e-30) continue;
            double behind = isSoftmax ? Math.Log((double)scores[i] / scores[top]) : (double)scores[i] - scores[top];
            Assert.InRange(behind, interval.Low(i) - interval.High(top) - scale * 1e-4, interval.High(i) - interval.Low(top) + scale * 1e-4);
        }
    }

    [Theory]
    [InlineData("clinc150/clinc_transformer.onnx")]
    [InlineData("char-lstm/char_lstm_shakespeare_t100.onnx")]
    [InlineData("odd/silero_vad.onnx")]
    public void Networks_without_rules_are_not_available_and_say_why(string file)
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case(Path.GetDirectoryName(file)!), Path.GetFileName(file)));

        Assert.False(IntervalNetwork.TryCompile(model, new InputShapes(), out _, out var reason));
        output.WriteLine($"{file}: {reason}");
        Assert.NotEmpty(reason.Reason);
    }

    double[] Compare(string description, string file, int samples, int[] bits)
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case(Path.GetDirectoryName(file)!), Path.GetFileName(file)));
        var network = Compiled(model);
        var batch = Read(model, description, samples);
        long[] labels = batch.Targets!.Values<long>().ToArray();
        output.WriteLine($"{file}, {samples} samples: baseline {Accuracy(model, batch, labels):F4}");
        double[] floors = new double[bits.Length];
        for (int k = 0; k < bits.Length; k++)
        {
            var clock = Stopwatch.StartNew();
            var certified = CertifiedMargin.Of(network, WeightBox.SymmetricAbsMax(model, bits[k]), batch.Inputs, batch.Count, threads: 2, TestContext.Current.CancellationToken);
            double milliseconds = clock.Elapsed.TotalMilliseconds / samples, measured = Accuracy(Rounded(model, bits[k]), batch, labels);
            double channels = CertifiedMargin.AccuracyFloor(CertifiedMargin.Of(network, WeightBox.SymmetricAbsMax(model, bits[k], isPerChannel: true), batch.Inputs, batch.Count,
                threads: 2, TestContext.Current.CancellationToken), labels);
            floors[k] = CertifiedMargin.AccuracyFloor(certified, labels);
            output.WriteLine($"{bits[k],2} bits: certified and right {floors[k]:F4} (a step per channel {channels:F4}), rounded measured {measured:F4}, {milliseconds:G3} ms a sample");
            Assert.InRange(floors[k], 0, measured);
        }

        return floors;
    }

    static IntervalNetwork Compiled(OnnxModel model) =>
        IntervalNetwork.TryCompile(model, new InputShapes(), out var network, out var reason) ? network : throw new InvalidOperationException(reason.ToString());

    static SampleBatch Read(OnnxModel model, string description, int samples)
    {
        using var session = Runtime.Open(model, new SessionSettings());
        using var data = DatasetFile.Open(Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{description}.yaml"), session.Inputs, session.Outputs,
            new SkiaImageDecoder(), 1, cancellation: TestContext.Current.CancellationToken);
        return data.Read(DataPart.Evaluate, samples, samples, TestContext.Current.CancellationToken).First();
    }

    // Each weight at the nearest code of its layer's grid, stored in binary32.
    static OnnxModel Rounded(OnnxModel model, int bits)
    {
        var result = model.Clone();
        foreach (var layer in WeightedLayers.Find(result).Layers)
        {
            float[] weights = TensorData.ReadFloat32(layer.Weight, result);
            float step = weights.Max(Math.Abs) / ((1 << (bits - 1)) - 1);
            for (int i = 0; i < weights.Length; i++) weights[i] = MathF.Round(weights[i] / step) * step;
            var rounded = TensorData.Write(layer.Weight.Name, Tensor.Of([.. layer.WeightDimensions], weights));
            layer.Weight.FloatData.Clear();
            layer.Weight.RawData = rounded.RawData;
        }

        return result;
    }

    static double Accuracy(OnnxModel model, SampleBatch batch, long[] labels)
    {
        using var session = Runtime.Open(model, new SessionSettings());
        var scores = session.Run(batch.Inputs)[session.Outputs[0].Name];
        int classes = (int)(scores.ElementCount / batch.Count);
        var values = scores.Values<float>().ToArray();
        return labels.Where((label, i) => values.AsSpan(i * classes, classes).IndexOf(values.AsSpan(i * classes, classes).ToArray().Max()) == label).Count() / (double)labels.Length;
    }
}
