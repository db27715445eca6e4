using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Repair;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Channels that are fed far more than the others, multiplied apart.</summary>
public sealed class SplitOutliersTests
{
    const int Samples = 12;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly Step Split = new SplitOutliers().ToStep(Step.WholeNetwork);

    public static TheoryData<string, int> Layers() =>
        new(from layer in new[] { "Gemm", "Gemm, transposed", "MatMul", "Conv", "Conv with stride, padding and dilation", "two layers" } from opset in new[] { 7, 13, 22 } select (layer, opset));

    [Theory]
    [MemberData(nameof(Layers))]
    public void The_network_gives_what_it_gave(string layer, int opset)
    {
        var (model, inputs) = Network(layer, opset);

        var variant = Compressor.Apply(model, new Recipe([Split]), new OneBatch(model, inputs, Samples));

        Assert.Contains(variant.Findings, finding => finding.Code == "outliers-split");
        Assert.InRange(Sqnr(model, variant, inputs), 110, double.PositiveInfinity);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Integer_layers_see_the_other_channels_ten_times_as_finely(string layer, int opset)
    {
        var (model, inputs) = Network(layer, opset);
        var integer = new StaticInt8 { WeightBits = 7 }.ToStep(Step.WholeNetwork);

        double without = Sqnr(model, Compressor.Apply(model, new Recipe([integer]), new OneBatch(model, inputs, Samples)), inputs);
        var variant = Compressor.Apply(model, new Recipe([Split, integer]), new OneBatch(model, inputs, Samples));

        Assert.InRange(Sqnr(model, variant, inputs), without + 20, double.PositiveInfinity);
        Assert.Empty(CaseNetwork.Inspect(variant).Findings);
        Assert.All(variant.Layers, treated => Assert.Equal("split-outliers + static-int8 weights=7", treated.Method));
    }

    [Theory]
    [InlineData("weight-int4")]
    [InlineData("fp16-network")]
    [InlineData("shared-weights")]
    [InlineData("dynamic-int8")]
    public void Every_quantization_follows(string method)
    {
        var (model, inputs) = Network("Gemm", 21);
        var step = MethodCatalog.Usual.Single(usual => usual.Name == method).ToStep(Step.WholeNetwork);

        var variant = Compressor.Apply(model, new Recipe([Split, step]), new OneBatch(model, inputs, Samples));

        if (!ThisMachine.MaySaturate(variant)) Assert.InRange(Sqnr(model, variant, inputs), 15, double.PositiveInfinity);
    }

    [Fact]
    public void Layers_fed_the_same_share_the_split_of_it()
    {
        var (model, inputs) = Network("two layers", 13);

        var variant = Compressor.Apply(model, new Recipe([Split]), new OneBatch(model, inputs, Samples));

        Assert.Equal((1, 1, 4), (Count("Mul"), Count("Gather"), Count("MatMul")));

        int Count(string opType) => variant.Model.Graph.Node.Count(node => node.OpType == opType);
    }

    [Fact]
    public void A_network_whose_channels_are_alike_is_refused_with_the_reason()
    {
        var (model, inputs) = Network("Gemm", 13);
        inputs["x"] = Tensor.Of([Samples, 32], Numbers(Samples * 32, 9));

        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(model, new Recipe([Split]), new OneBatch(model, inputs, Samples)));

        Assert.Equal("'split-outliers': no layer has a few channels that are fed 6 times what the median is on the calibration samples.", exception.Message);
    }

    [Fact]
    public void Where_every_fourth_channel_stands_out_none_is_an_outlier()
    {
        var (model, inputs) = Network("Gemm", 13);
        inputs["x"] = Tensor.Of([Samples, 32], [.. Numbers(Samples * 32, 9).Select((number, i) => i % 4 == 0 ? number * 100 : number)]);

        Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(model, new Recipe([Split]), new OneBatch(model, inputs, Samples)));
    }

    // Three of 32 channels are fed two hundred times what the others are, and read as much more weakly.
    static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network(string layer, int opset)
    {
        bool isConv = layer.StartsWith("Conv", StringComparison.Ordinal);
        int inner = isConv ? 64 : 1;
        var model = Model([isConv ? Value("x", ElementType.Float32, -1, 32, 8, 8) : Value("x", ElementType.Float32, -1, 32)], ["y"], [.. Nodes(layer)]);
        model.Proto.OpsetImport[0].Version = opset;
        var weights = isConv ? Weight("w", ElementType.Float32, [16, 32, 3, 3], Read(16, 9)) : layer == "Gemm, transposed" ? Weight("w", ElementType.Float32, [16, 32], Read(16, 1)) : Weight("w", ElementType.Float32, [32, 16], Read(1, 16));
        model.Graph.Initializer.Add(weights);
        if (layer == "two layers") model.Graph.Initializer.Add(Weight("v", ElementType.Float32, [32, 16], Read(1, 16)));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [16], Numbers(16, 2)));
        float[] fed = [.. Numbers(Samples * 32 * inner, 9).Select((number, i) => IsOutlier(i / inner % 32) ? number * 200 : number)];
        return (model, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(isConv ? [Samples, 32, 8, 8] : [Samples, 32], fed) });

        float[] Read(int outer, int behind) => [.. Numbers(outer * 32 * behind, 1).Select((number, i) => IsOutlier(i / behind % 32) ? number / 200 : number)];
    }

    static IEnumerable<NodeProto> Nodes(string layer) => layer switch
    {
        "Gemm" => [Node("Gemm", ["x", "w", "b"], ["y"])],
        "Gemm, transposed" => [Node("Gemm", ["x", "w", "b"], ["y"], Int("transB", 1))],
        "MatMul" => [Node("MatMul", ["x", "w"], ["y"])],
        "Conv" => [Node("Conv", ["x", "w", "b"], ["y"])],
        "two layers" => [Node("MatMul", ["x", "w"], ["l"]), Node("MatMul", ["x", "v"], ["r"]), Node("Concat", ["l", "r"], ["y"], Int("axis", 1))],
        _ => [Node("Conv", ["x", "w", "b"], ["y"], Ints("strides", 2, 2), Ints("pads", 2, 1, 2, 1), Ints("dilations", 2, 1))],
    };

    static bool IsOutlier(int channel) => channel is 3 or 17 or 30;

    static double Sqnr(OnnxModel model, CompressedNetwork variant, Dictionary<string, Tensor> inputs)
    {
        using var before = Runtime.Open(model, new SessionSettings());
        using var after = Runtime.Open(variant.Model, new SessionSettings());
        return OutputComparison.Of(after.Run(inputs), before.Run(inputs), Samples).SqnrDecibels;
    }
}
