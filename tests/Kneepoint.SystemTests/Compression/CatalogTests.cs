using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.WeightSharing;
using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Every method of the catalog on every real network: the file loads in the plain runtime and gives what the baseline gives.</summary>
public sealed class CatalogTests
{
    const string Fragile = "mobilenet";

    static readonly (string Data, string Model)[] Cases =
    [
        ("kws", "kws/dscnn_kws_ref.onnx"), ("kws", "kws/dscnn_kws_ref_bn.onnx"),
        ("cifar10", "cifar10/resnet20_ft.onnx"), ("cifar10", "cifar10/resnet20_ft_bn.onnx"),
        ("fashion", "fashion/fashion_cnn.onnx"),
        (Fragile, "imagenet/mobilenet_v1_0.75_224.onnx"), ("squeezenet", "imagenet/squeezenet1.1_227.onnx"),
        ("clinc150", "clinc150/clinc_transformer.onnx"), ("char-lstm", "char-lstm/char_lstm_shakespeare_t100.onnx"),
        ("adult", "adult/adult_mlp.onnx"), ("silero-vad", "odd/silero_vad.onnx"), ("ultraface", "odd/ultraface_rfb320.onnx"),
    ];

    public static TheoryData<string, string, string> MethodsAndCases() => new(
        Cases.SelectMany(entry => MethodCatalog.Grid.Select(method => (entry.Data, entry.Model, method.ToText()))));

    [Theory]
    [MemberData(nameof(MethodsAndCases))]
    public void A_variant_loads_in_the_plain_runtime_and_gives_what_the_baseline_gives(string data, string model, string text)
    {
        var network = CaseNetwork.Of(data, model);
        var method = MethodCatalog.Grid.Single(method => method.ToText() == text);
        if (!IsApplicable(network, method)) return;

        var variant = network.Apply(method);

        var (comparison, fileBytes) = network.Run(variant);
        Assert.Null(comparison.Rejection);
        if (!ThisMachine.MaySaturate(variant)) Assert.InRange(comparison.SqnrDecibels, LowestSqnr(method, data == Fragile), double.PositiveInfinity);
        Assert.InRange(fileBytes, 1, new FileInfo(network.File).Length - Saved(network, variant));
    }

    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx")]
    [InlineData("kws", "kws/dscnn_kws_ref_bn.onnx")]
    [InlineData("cifar10", "cifar10/resnet20_ft.onnx")]
    [InlineData("cifar10", "cifar10/resnet20_ft_bn.onnx")]
    [InlineData("fashion", "fashion/fashion_cnn.onnx")]
    [InlineData("mobilenet", "imagenet/mobilenet_v1_0.75_224.onnx")]
    [InlineData("squeezenet", "imagenet/squeezenet1.1_227.onnx")]
    [InlineData("ultraface", "odd/ultraface_rfb320.onnx")]
    public void Static_int8_fuses_every_convolution(string data, string model)
    {
        var network = CaseNetwork.Of(data, model);

        var report = CaseNetwork.Inspect(network.Apply(new StaticInt8()));

        Assert.Empty(report.Findings);
        Assert.Equal(network.Baseline.Graph.Node.Count(node => node.OpType == "Conv"), report.CountOf("QLinearConv"));
        Assert.Equal(0, report.CountOf("Conv") + report.CountOf("FusedConv"));
    }

    [Theory]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx")]
    [InlineData("adult", "adult/adult_mlp.onnx")]
    public void Integer_products_are_fused(string data, string model)
    {
        var network = CaseNetwork.Of(data, model);

        Assert.Empty(CaseNetwork.Inspect(network.Apply(new StaticInt8())).Findings);
        Assert.Empty(CaseNetwork.Inspect(network.Apply(new DynamicInt8())).Findings);
    }

    [Fact]
    public void Recurrent_operators_compute_in_float_and_the_layers_that_stay_are_named()
    {
        var network = CaseNetwork.Of("char-lstm", "char-lstm/char_lstm_shakespeare_t100.onnx");
        string[] recurrent = [.. network.Baseline.Graph.Node.Where(node => node.OpType == "LSTM").Select(node => node.FirstOutput())];
        recurrent = [.. recurrent, .. recurrent.Select(name => name + WeightedLayer.RecurrenceSuffix)];

        foreach (CompressionMethod method in new CompressionMethod[] { new StaticInt8(), new DynamicInt8(), new WeightInt8(), new BlockWeights(), new Fp16Network() })
        {
            var variant = network.Apply(method);

            Assert.Equal(recurrent.Length / 2, variant.Model.Graph.Node.Count(node => node.IsStandard("LSTM")));
            if (method is StaticInt8 or DynamicInt8)
            {
                Assert.All(recurrent, name => Assert.Contains(variant.Findings, finding => finding.Message.Contains($"'{name}'", StringComparison.Ordinal)));
            }
            else
            {
                Assert.Subset(variant.Layers.Select(layer => layer.Layer).ToHashSet(), recurrent.ToHashSet());
            }
        }
    }

    [Fact]
    public void A_network_inside_control_flow_keeps_it_and_says_so()
    {
        var network = CaseNetwork.Of("silero-vad", "odd/silero_vad.onnx");

        var refusal = Assert.Throws<RecipeNotApplicableException>(() => network.Apply(new WeightInt8()));
        var variant = network.Apply(new Fp16Network());

        Assert.Contains("no layer", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(variant.Findings, finding => finding.Message.Contains("holds subgraphs", StringComparison.Ordinal));
    }

    static bool IsApplicable(CaseNetwork network, CompressionMethod method)
    {
        if (method.TreatsWholeNetwork) return true;
        var index = new GraphIndex(network.Baseline);
        if (Compressor.LayersOf(network.Baseline).Any(layer => method.WhyNot(layer, index) is null)) return true;
        Assert.Throws<RecipeNotApplicableException>(() => network.Apply(method));
        return false;
    }

    // Measured on the cases and lowered by a few decibels; 4-bit weights without learning break a depthwise network of this size.
    static double LowestSqnr(CompressionMethod method, bool isFragile) => method switch
    {
        CompactGraph or FoldBatchNormalization => 100,
        Fp16Weights or Fp16Network => 40,
        StaticInt8 { WeightBits: 4 } => isFragile ? -8 : 7,
        BlockWeights { Bits: 2 } => isFragile ? -20 : -3,
        BlockWeights { Bits: 3 } => isFragile ? -8 : 5,
        BlockWeights => isFragile ? 0 : 11,
        SharedWeights { Bits: 3 } => isFragile ? -20 : 0,
        SharedWeights => isFragile ? -8 : 7,
        StaticInt8 { Range.Kind: Calibration.RangeKind.Entropy } => isFragile ? 0 : 10,
        StaticInt8 => isFragile ? 13 : 20,
        DynamicInt8 { WeightBits: 4 } => 15,
        DynamicInt8 { WeightBits: 7 } => 33,
        DynamicInt8 => 38,
        _ => isFragile ? 13 : 34,
    };

    // At least 70 % of the bits that the variant says it saves; scales, nodes and channels that are padded take the rest.
    static long Saved(CaseNetwork network, CompressedNetwork variant)
    {
        var layers = Compressor.LayersOf(network.Baseline).ToDictionary(layer => layer.Id, StringComparer.Ordinal);
        return (long)(variant.Layers.Sum(treated => layers[treated.Layer].WeightCount * (32 - treated.WeightBits) / 8) * 0.7);
    }
}
