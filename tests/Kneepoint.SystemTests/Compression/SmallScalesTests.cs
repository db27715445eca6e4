using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Scales of 8 bits, all of a network in one tensor.</summary>
public sealed class SmallScalesTests
{
    const int Samples = 8, Channels = 32;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData(7, 4, WeightRounding.Data)]
    [InlineData(11, 4, WeightRounding.Nearest)]
    [InlineData(13, 4, WeightRounding.Balanced)]
    [InlineData(22, 4, WeightRounding.Data)]
    [InlineData(17, 3, WeightRounding.Data)]
    [InlineData(17, 2, WeightRounding.Nearest)]
    public void The_network_is_as_near_to_the_original_as_with_scales_of_16_bits_and_smaller(int opset, int bits, WeightRounding rounding)
    {
        var (model, inputs) = Network(opset, smallest: 1);

        var (wide, narrow) = (Apply(model, inputs, bits, 16, rounding), Apply(model, inputs, bits, 8, rounding));

        Assert.InRange(Sqnr(model, narrow, inputs), Sqnr(model, wide, inputs) - 1, double.PositiveInfinity);
        Assert.InRange(narrow.Model.Proto.CalculateSize(), 0, wide.Model.Proto.CalculateSize() - 1);
        Assert.Single(narrow.Model.Graph.Initializer, tensor => TensorData.TypeOf(tensor) == ElementType.UInt8 && tensor.Dims is [_, 1]);
    }

    [Fact]
    public void The_runtime_unpacks_them_when_it_loads_the_network()
    {
        var (model, inputs) = Network(17, smallest: 1);

        var report = CaseNetwork.Inspect(Apply(model, inputs, 4, 8, WeightRounding.Data));

        Assert.Equal(0, report.CountOf("Gather") + report.CountOf("Split") + report.CountOf("Mul") + report.CountOf("Cast"));
        Assert.Equal(3, report.CountOf("Conv"));
    }

    [Fact]
    public void A_layer_whose_scales_are_far_from_the_others_keeps_them_apart()
    {
        var (model, inputs) = Network(17, smallest: 1e-7f);

        var (wide, narrow) = (Apply(model, inputs, 4, 16, WeightRounding.Data), Apply(model, inputs, 4, 8, WeightRounding.Data));

        Assert.InRange(Sqnr(model, narrow, inputs), Sqnr(model, wide, inputs) - 1, double.PositiveInfinity);
        Assert.Contains(narrow.Model.Graph.Initializer, tensor => TensorData.TypeOf(tensor) == ElementType.Float32 && tensor.Dims is [> Channels, 1]);
    }

    [Fact]
    public void A_few_scales_are_stored_as_they_are()
    {
        var (model, inputs) = Network(17, smallest: 1);
        string first = Compressor.LayersOf(model)[0].Id;
        var step = new BlockWeights { ScaleBits = 8, BlockSize = 0, Kernel = WeightKernel.Load }.ToStep(first);

        var variant = Compressor.Apply(model, new Recipe([step]), new OneBatch(model, inputs, Samples));

        Assert.DoesNotContain(variant.Model.Graph.Node, node => node.OpType is "Gather" or "Split");
        Assert.InRange(Sqnr(model, variant, inputs), 15, double.PositiveInfinity);
    }

    static CompressedNetwork Apply(OnnxModel model, Dictionary<string, Tensor> inputs, int bits, int scaleBits, WeightRounding rounding)
    {
        var method = new BlockWeights { Bits = bits, ScaleBits = scaleBits, Rounding = rounding, Kernel = WeightKernel.Load };
        return Compressor.Apply(model, new Recipe([method.ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));
    }

    static double Sqnr(OnnxModel model, CompressedNetwork variant, Dictionary<string, Tensor> inputs)
    {
        using var baseline = Runtime.Open(model, new SessionSettings());
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        return OutputComparison.Of(session.Run(inputs), baseline.Run(inputs), Samples).SqnrDecibels;
    }

    static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network(int opset, float smallest)
    {
        var model = Model([Value("x", ElementType.Float32, Samples, Channels, 6, 6)], ["y"],
            Node("Conv", ["x", "w0"], ["a"]), Node("Conv", ["a", "w1"], ["b"]), Node("Conv", ["b", "w2"], ["y"]));
        model.Graph.Output[0] = Value("y", ElementType.Float32, Samples, Channels, 6, 6);
        model.Proto.OpsetImport[0].Version = opset;
        for (int i = 0; i < 3; i++)
        {
            model.Graph.Node[i].With("kernel_shape", [3L, 3L]).With("pads", [1L, 1L, 1L, 1L]);
            float size = (i == 1 ? smallest : 1) / 17;
            model.Graph.Initializer.Add(Weight($"w{i}", ElementType.Float32, [Channels, Channels, 3, 3], [.. Numbers(Channels * Channels * 9, 3 + i).Select(number => number * size)]));
        }

        return (model, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([Samples, Channels, 6, 6], Numbers(Samples * Channels * 36, 1)) });
    }
}
