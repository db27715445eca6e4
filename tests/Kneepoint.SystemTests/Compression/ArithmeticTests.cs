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

/// <summary>Networks that compute in other types than binary32, and layers that add more than a number per channel.</summary>
public sealed class ArithmeticTests
{
    const int Width = 32;
    const int Samples = 4;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float64)]
    public void Bug_networks_of_16_or_64_bits_could_not_be_compressed_at_all(ElementType type)
    {
        var model = Products(type);
        Dictionary<string, Tensor> inputs = new() { ["x"] = Of(type, [Samples, Width], Numbers(Samples * Width, 9)) };
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);
        int applied = 0;
        foreach (var method in MethodCatalog.Grid)
        {
            if (method is { TreatsWholeNetwork: false } && Compressor.LayersOf(model).All(layer => method.WhyNot(layer, new GraphIndex(model)) is not null)) continue;
            if (method is Fp16Network) continue;

            var variant = Variant(model, method, inputs);

            using var session = Runtime.Open(variant.Model, new SessionSettings());
            var comparison = OutputComparison.Of(session.Run(inputs), expected, Samples);
            Assert.Null(comparison.Rejection);
            Assert.True(comparison.SqnrDecibels > (method.Name is "weight-int2" or "shared-weights" ? 0 : 7), $"{method.ToText()}: {comparison.SqnrDecibels} dB");
            applied++;
        }

        Assert.InRange(applied, 8, int.MaxValue);
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float64)]
    public void Integer_arithmetic_in_place_of_other_than_32_bits_is_refused_with_the_reason(ElementType type)
    {
        var model = Products(type);
        var recipe = new Recipe([new StaticInt8().ToStep("h")]);

        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(model, recipe));

        Assert.Contains($"it computes in {type}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_a_normalization_was_folded_into_a_Gemm_that_adds_a_number_per_row()
    {
        var model = Model([Value("x", ElementType.Float32, Width, Width)], ["y"],
            Node("Gemm", ["x", "w", "b"], ["g"]), Node("BatchNormalization", ["g", "scale", "shift", "shift", "scale"], ["y"]));
        model.Graph.Output[0] = Value("y", ElementType.Float32, Width, Width);
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [Width, Width], Numbers(Width * Width, 1)));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [Width, 1], Numbers(Width, 2)));
        model.Graph.Initializer.Add(Weight("shift", ElementType.Float32, [Width], Numbers(Width, 3)));
        model.Graph.Initializer.Add(Weight("scale", ElementType.Float32, [Width], [.. Numbers(Width, 4).Select(number => number + 2)]));
        Dictionary<string, Tensor> inputs = new() { ["x"] = Tensor.Of([Width, Width], Numbers(Width * Width, 5)) };
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);

        var variant = Variant(model, new FoldBatchNormalization(), inputs);

        using var session = Runtime.Open(variant.Model, new SessionSettings());
        Assert.True(OutputComparison.Of(session.Run(inputs), expected, Width).SqnrDecibels > 100);
    }

    static CompressedNetwork Variant(OnnxModel model, CompressionMethod method, Dictionary<string, Tensor> inputs)
    {
        var recipe = new Recipe([method.ToStep(Step.WholeNetwork)]);
        var batch = new SampleBatch(inputs, null, Samples);
        var statistics = ActivationCollector.Collect(Runtime, model, [batch], Compressor.RequiredActivations(model, recipe),
            cancellation: TestContext.Current.CancellationToken);
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        MomentCollector.Collect(Runtime, model, [batch], Compressor.RequiredMoments(model, recipe), (form, known) => moments.Add(form.Key, known),
            cancellation: TestContext.Current.CancellationToken);
        return Compressor.Apply(model, recipe, statistics, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));
    }

    static OnnxModel Products(ElementType type)
    {
        var model = Model([Value("x", type, -1, Width)], ["y"],
            Node("MatMul", ["x", "w1"], ["h"]), Node("Relu", ["h"], ["r"]), Node("Gemm", ["r", "w2", "b"], ["y"]));
        model.Graph.Output[0] = Value("y", type, -1, Width);
        model.Graph.Initializer.Add(TensorData.Write("w1", Of(type, [Width, Width], Numbers(Width * Width, 1))));
        model.Graph.Initializer.Add(TensorData.Write("w2", Of(type, [Width, Width], Numbers(Width * Width, 2))));
        model.Graph.Initializer.Add(TensorData.Write("b", Of(type, [Width], Numbers(Width, 3))));
        return model;
    }

    static Tensor Of(ElementType type, long[] dimensions, float[] values) => type == ElementType.Float16
        ? Tensor.Of<Half>(type, dimensions, Array.ConvertAll(values, value => (Half)value))
        : Tensor.Of<double>(type, dimensions, Array.ConvertAll(values, value => (double)value));
}
