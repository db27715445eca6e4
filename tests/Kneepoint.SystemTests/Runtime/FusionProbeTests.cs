using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;

namespace Kneepoint.SystemTests.Runtime;

public sealed class FusionProbeTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Fact]
    public void Quantized_convolutions_are_fused()
    {
        var report = FusionProbe.Inspect(Runtime, QuantizedGraphs.ConvolutionChain(), ["c1", "c2"], ["c1", "c2"]);

        Assert.Equal(2, report.CountOf("QLinearConv"));
        Assert.Equal(0, report.CountOf("Conv"));
        Assert.All(report.Layers, layer => Assert.Equal(("QLinearConv", true), (layer.Operator, layer.IsFused)));
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void Convolution_with_only_its_weights_quantized_computes_in_float_and_is_named()
    {
        var report = FusionProbe.Inspect(Runtime, QuantizedGraphs.WeightOnlyConvolution(), ["y"], ["y"]);

        Assert.Equal(new LayerExecution("y", "", "Conv", IsFused: false), report.Layers.Single());
        var finding = Assert.Single(report.Findings);
        Assert.Equal(("unfused-quantization", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("'y' (Conv)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Product_with_activations_quantized_at_each_run_is_fused()
    {
        var report = FusionProbe.Inspect(Runtime, QuantizedGraphs.DynamicProduct(), ["y"], ["y"]);

        Assert.Equal(new LayerExecution("y", "com.microsoft", "DynamicQuantizeMatMul", IsFused: true), report.Layers.Single());
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void Layer_that_the_variant_lacks_is_said_to_be_missing()
    {
        var report = FusionProbe.Inspect(Runtime, QuantizedGraphs.DynamicProduct(), ["gone"], ["gone"]);

        Assert.Equal(new LayerExecution("gone", null, null, IsFused: false), report.Layers.Single());
        Assert.Contains("'gone' (not found)", report.Findings.Single().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cifar10", "resnet20_ft.onnx", "Conv", 19)]
    [InlineData("cifar10", "resnet20_ft_bn.onnx", "Conv", 19)]
    [InlineData("kws", "dscnn_kws_ref_bn.onnx", "Conv", 9)]
    [InlineData("imagenet", "mobilenet_v1_0.75_224.onnx", "Conv", 28)]
    [InlineData("fashion", "fashion_cnn.onnx", "Conv", 4)]
    [InlineData("clinc150", "clinc_transformer.onnx", "MatMul", 8)]
    [InlineData("char-lstm", "char_lstm_shakespeare_t100.onnx", "LSTM", 2)]
    public void Every_layer_of_a_real_network_is_found_again(string name, string file, string operation, int atLeast)
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case(name), file));
        string[] layers = [.. model.Graph.Node.Where(node => node.OpType == operation).Select(node => node.Output[0])];

        var report = FusionProbe.Inspect(Runtime, model, layers, []);

        Assert.InRange(layers.Length, atLeast, int.MaxValue);
        Assert.All(report.Layers, layer => Assert.NotNull(layer.Operator));
        Assert.Empty(report.Findings);
    }
}
