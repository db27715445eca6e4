using Kneepoint.Calibration;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Search;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Compression.Quantization;

public sealed class ChannelAlignmentTests
{
    [Fact]
    public void The_first_layer_takes_four_channels()
    {
        var graph = StaticInt8Of(Chain()).Graph;

        var pad = Assert.Single(graph.Node, node => node.OpType == "Pad");
        long[] pads = TensorData.Read(graph.Initializer.Single(tensor => tensor.Name == pad.Input[1]), new OnnxModel(new ModelProto())).Values<long>().ToArray();
        Assert.Equal([0, 0, 0, 0, 0, 1, 0, 0], pads);
        Assert.Contains(graph.Initializer, tensor => tensor.Dims.SequenceEqual([32L, 4, 3, 3]));
    }

    [Fact]
    public void A_depthwise_layer_of_24_channels_is_computed_in_32_and_its_neighbors_with_it()
    {
        var graph = StaticInt8Of(Chain()).Graph;

        Assert.Contains(graph.Node, node => node.OpType == "Conv" && node.GetInt("group", 1) == 32);
        Assert.Contains(graph.Initializer, tensor => tensor.Dims.SequenceEqual([32L, 1, 3, 3]));
        Assert.Contains(graph.Initializer, tensor => tensor.Dims.SequenceEqual([8L, 32, 1, 1]));
    }

    [Fact]
    public void A_value_that_something_else_uses_keeps_its_channels()
    {
        var chain = Chain();
        chain.Graph.Output.Add(TestModel.Float("b", 1, 24, 8, 8));

        var graph = StaticInt8Of(chain).Graph;

        Assert.Contains(graph.Node, node => node.OpType == "Conv" && node.GetInt("group", 1) == 24);
        Assert.Contains(graph.Initializer, tensor => tensor.Dims.SequenceEqual([8L, 24, 1, 1]));
    }

    [Theory]
    [InlineData("8 8", "GlobalAveragePool", 0)]
    [InlineData("7 8", "GlobalAveragePool", 1)]
    [InlineData("4 4", "AveragePool", 0)]
    public void A_pooling_that_gives_one_number_per_channel_is_global(string kernel, string expected, int cuts)
    {
        var chain = Chain();
        long[] window = [.. kernel.Split(' ').Select(long.Parse)];
        chain.Graph.Node.Add(TestModel.Node("AveragePool", "y", "p").With("kernel_shape", window).With("strides", window));
        chain.Graph.Node.Add(TestModel.Node("Conv", "p w4", "z"));
        chain.Graph.Initializer.Add(TestModel.Weight("w4", 4, 8, 1, 1));
        chain.Graph.Output.Add(TestModel.Float("z", 1, 4, 8 / window[0], 8 / window[1]));

        var graph = StaticInt8Of(chain).Graph;

        Assert.Single(graph.Node, node => node.OpType == expected);
        Assert.Equal(cuts, graph.Node.Count(node => node.OpType == "Slice"));
    }

    // Three channels in, 24 in the middle.
    static OnnxModel Chain() => TestModel.Of(13,
        [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Float("y", 1, 8, 8, 8)],
        [TestModel.Weight("w1", 24, 3, 3, 3), TestModel.Weight("b1", 24), TestModel.Weight("w2", 24, 1, 3, 3), TestModel.Weight("w3", 8, 24, 1, 1)],
        Conv("x w1 b1", "a"), TestModel.Node("Relu", "a", "b"), Conv("b w2", "c").With("group", 24L), TestModel.Node("Conv", "c w3", "y"));

    static NodeProto Conv(string inputs, string output) => TestModel.Node("Conv", inputs, output).With("pads", [1L, 1, 1, 1]);

    static OnnxModel StaticInt8Of(OnnxModel model)
    {
        var recipe = new Recipe([new StaticInt8().ToStep("*")]);
        var histograms = new Dictionary<string, ActivationHistogram>();
        foreach (string name in Compressor.RequiredActivations(model, recipe))
        {
            var histogram = new ActivationHistogram();
            histogram.Add([-1, 0, 3]);
            histograms.Add(name, histogram);
        }

        return Compressor.Apply(model, recipe, new ActivationStatistics(histograms, 1)).Model;
    }
}
