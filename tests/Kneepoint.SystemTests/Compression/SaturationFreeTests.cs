using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Integer weights of 7 bits: processors without VNNI add two products in 16 bits, which full 8-bit weights overflow.</summary>
public sealed class SaturationFreeTests
{
    const int Samples = 16, Channels = 32;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string, WeightRounding> Methods() =>
        new() { { "static-int8", WeightRounding.Balanced }, { "static-int8", WeightRounding.Data }, { "static-int8", WeightRounding.Successive }, { "dynamic-int8", WeightRounding.Balanced } };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Outputs_are_right_on_every_processor_and_no_pair_of_weights_is_at_risk(string name, WeightRounding rounding)
    {
        var (model, inputs) = Network();
        CompressionMethod method = name == "static-int8" ? new StaticInt8 { WeightBits = 7, Rounding = rounding } : new DynamicInt8 { WeightBits = 7 };

        var variant = Compressor.Apply(model, new Recipe([method.ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));

        Assert.Null(SaturationRisk.Of(variant.Model, ["avx2"]));
        using var baseline = Runtime.Open(model, new SessionSettings());
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        Assert.InRange(OutputComparison.Of(session.Run(inputs), baseline.Run(inputs), Samples).SqnrDecibels, 28, double.PositiveInfinity);
    }

    [Fact]
    public void Full_8_bit_weights_are_at_risk()
    {
        var (model, inputs) = Network();

        var variant = Compressor.Apply(model, new Recipe([new StaticInt8().ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));

        Assert.NotNull(SaturationRisk.Of(variant.Model, ["avx2"]));
    }

    // Inputs that are all large, weights of a few sizes: what overflows if anything does.
    static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network()
    {
        var model = Model([Value("x", ElementType.Float32, Samples, Channels)], ["y"], Node("MatMul", ["x", "w0"], ["a"]), Node("Relu", ["a"], ["b"]), Node("MatMul", ["b", "w1"], ["y"]));
        model.Graph.Output[0] = Value("y", ElementType.Float32, Samples, Channels);
        for (int i = 0; i < 2; i++)
        {
            float[] weights = [.. Numbers(Channels * Channels, 3 + i).Select(number => MathF.CopySign(0.5f + 0.5f * Math.Abs(number), number + 0.3f))];
            model.Graph.Initializer.Add(Weight($"w{i}", ElementType.Float32, [Channels, Channels], weights));
        }

        return (model, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([Samples, Channels], [.. Numbers(Samples * Channels, 1).Select(number => 2 + 0.5f * number)]) });
    }
}
