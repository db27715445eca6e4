using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Weights of integer layers, and of 8 bits, rounded by the calibration samples.</summary>
public sealed class IntegerRoundingTests
{
    const int Channels = 16;
    const int Samples = 32;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly Dictionary<string, Tensor> Inputs = new() { ["x"] = Correlated() };

    [Theory]
    [InlineData("Conv", "static-int8", 4)]
    [InlineData("Gemm", "static-int8", 4)]
    [InlineData("MatMul", "static-int8", 4)]
    [InlineData("Conv", "weight-int8", 8)]
    [InlineData("MatMul", "weight-int8", 8)]
    public void Rounding_by_data_changes_outputs_less_than_rounding_to_nearest(string operation, string method, int bits)
    {
        var model = NetworkOf(operation);

        double nearest = SqnrOf(model, MethodOf(method, bits, WeightRounding.Nearest)), byData = SqnrOf(model, MethodOf(method, bits, WeightRounding.Data));

        Assert.True(byData > nearest + 1, $"{byData} dB by data, {nearest} dB to nearest");
    }

    [Fact]
    public void Bug_one_channel_with_tiny_weights_and_a_large_bias_kept_its_layer_from_rounding_by_data()
    {
        var model = NetworkOf("Conv");
        var weight = model.Graph.Initializer.Single(tensor => tensor.Name == "w");
        float[] values = TensorData.ReadFloat32(weight, model);
        for (int i = 0; i < values.Length / Channels; i++) values[i] *= 1e-13f;
        model.Graph.Initializer.Remove(weight);
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [.. weight.Dims], values));

        double nearest = SqnrOf(model, MethodOf("static-int8", 4, WeightRounding.Nearest)), byData = SqnrOf(model, MethodOf("static-int8", 4, WeightRounding.Data));

        Assert.True(byData > nearest + 1, $"{byData} dB by data, {nearest} dB to nearest");
    }

    [Fact]
    public void One_scale_for_a_tensor_cannot_be_rounded_by_data()
    {
        var step = new StaticInt8 { Rounding = WeightRounding.Data, IsPerChannel = false }.ToStep(Step.WholeNetwork);

        Assert.Contains("scales=channel", Assert.Throws<RecipeNotApplicableException>(() => MethodCatalog.Parse(step)).Message, StringComparison.Ordinal);
    }

    static CompressionMethod MethodOf(string name, int bits, WeightRounding rounding) => name == "static-int8"
        ? new StaticInt8 { WeightBits = bits, WeightRange = WeightRange.Mse, Rounding = rounding }
        : new WeightInt8 { Rounding = rounding, Kernel = WeightKernel.Load };

    static double SqnrOf(OnnxModel model, CompressionMethod method)
    {
        var recipe = new Recipe([method.ToStep(Step.WholeNetwork)]);
        SampleBatch[] samples = [new(Inputs, null, Samples)];
        var statistics = ActivationCollector.Collect(Runtime, model, samples, Compressor.RequiredActivations(model, recipe), cancellation: TestContext.Current.CancellationToken);
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        MomentCollector.Collect(Runtime, model, samples, Compressor.RequiredMoments(model, recipe), (form, known) => moments.Add(form.Key, known),
            cancellation: TestContext.Current.CancellationToken);
        var variant = Compressor.Apply(model, recipe, statistics, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));
        Assert.DoesNotContain(variant.Findings, finding => finding.Code == "rounded-to-nearest");
        using var baseline = Runtime.Open(model, new SessionSettings());
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        return OutputComparison.Of(session.Run(Inputs), baseline.Run(Inputs), Samples).SqnrDecibels;
    }

    static OnnxModel NetworkOf(string operation)
    {
        const int features = Channels * 16;
        var layer = operation switch
        {
            "Conv" => [Node("Conv", ["x", "w", "b"], ["y"])],
            "Gemm" => [Node("Flatten", ["x"], ["f"]), Node("Gemm", ["f", "w", "b"], ["y"]).With("alpha", 0.5f)],
            _ => new[] { Node("Flatten", ["x"], ["f"]), Node("MatMul", ["f", "w"], ["y"]) },
        };
        var model = Model([Value("x", ElementType.Float32, Samples, Channels, 4, 4)], ["y"], layer);
        if (operation != "Conv") model.Graph.Output[0] = Value("y", ElementType.Float32, Samples, Channels);
        long[] dims = operation == "Conv" ? [Channels, Channels, 1, 1] : [features, Channels];
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, dims, Numbers((int)(dims[0] * dims[1]), 1)));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [Channels], Numbers(Channels, 2)));
        return model;
    }

    // Few directions, and a mean: what makes errors able to cancel.
    static Tensor Correlated()
    {
        float[] values = new float[Samples * Channels * 16], few = Numbers(Samples * 3 * 16, 5), mix = Numbers(Channels * 3, 6);
        for (int i = 0; i < values.Length; i++)
        {
            int sample = i / (Channels * 16), channel = i / 16 % Channels, place = i % 16;
            values[i] = 0.5f;
            for (int k = 0; k < 3; k++) values[i] += mix[channel * 3 + k] * few[(sample * 3 + k) * 16 + place];
        }

        return Tensor.Of([Samples, Channels, 4, 4], values);
    }
}
