using System.Collections.Immutable;
using Kneepoint.Calibration;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

public sealed class FloatBetweenIntegersTests
{
    const int Channels = 16;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData("")]
    [InlineData("fp16-weights")]
    [InlineData("weight-int8")]
    public void Bug_runtime_rounded_the_weights_of_float_layers_between_integer_ones(string methodBetween)
    {
        var model = Chain();
        var integer = Treat("static-int8", "a", "c");
        var recipe = new Recipe(methodBetween.Length > 0 ? [integer, Treat(methodBetween, "b")] : [integer]);

        var variant = Compressor.Apply(model, recipe, Statistics(model, Compressor.RequiredActivations(model, recipe)));

        var optimized = Runtime.Optimize(variant.Model, new SessionSettings());
        Assert.Equal(2, optimized.Graph.Node.Count(node => node.OpType == "QLinearConv"));
        Assert.Single(optimized.Graph.Node, node => node.OpType is "Conv" or "FusedConv");
    }

    [Fact]
    public void Float_layer_that_the_runtime_rounds_is_found()
    {
        var model = Chain();
        var recipe = new Recipe([Treat("static-int8", "a", "c"), Treat("fp16-weights", "b")]);
        var variant = Compressor.Apply(model, recipe, Statistics(model, Compressor.RequiredActivations(model, recipe)));
        var between = variant.Layers.Single(layer => layer.Layer == "b").Value;
        var conv = new GraphIndex(variant.Model).Graph.Node.Single(node => node.Output[0] == between);
        var vector = variant.Model.Graph.Node.Single(node => node.Output[0] == conv.Input[0]);
        foreach (int input in new[] { 1, 2 })
        {
            var values = variant.Model.Graph.Initializer.Single(tensor => tensor.Name == vector.Input[input]);
            int size = values.RawData.Length / Channels;
            values.Dims.Clear();
            values.RawData = Google.Protobuf.ByteString.CopyFrom(values.RawData.Span[..size]);
        }

        var report = FusionProbe.Inspect(Runtime, variant.Model, [between], []);

        Assert.Equal("quantized-by-runtime", Assert.Single(report.Findings).Code);
    }

    static Step Treat(string method, params string[] layers) => new(method, [.. layers], ImmutableSortedDictionary<string, string>.Empty);

    static OnnxModel Chain()
    {
        var model = Model([Value("x", ElementType.Float32, -1, Channels, 8, 8)], ["y"],
            Node("Conv", ["x", "wa"], ["a"]), Node("Relu", ["a"], ["ra"]),
            Node("Conv", ["ra", "wb"], ["b"], Int("group", Channels)), Node("Relu", ["b"], ["rb"]),
            Node("Conv", ["rb", "wc"], ["c"]), Node("Relu", ["c"], ["y"]));
        model.Graph.Initializer.Add(Weight("wa", ElementType.Float32, [Channels, Channels, 1, 1], Numbers(Channels * Channels, 1)));
        model.Graph.Initializer.Add(Weight("wb", ElementType.Float32, [Channels, 1, 3, 3], Numbers(Channels * 9, 2)));
        model.Graph.Initializer.Add(Weight("wc", ElementType.Float32, [Channels, Channels, 1, 1], Numbers(Channels * Channels, 3)));
        return model;
    }

    static ActivationStatistics Statistics(OnnxModel model, IEnumerable<string> values)
    {
        var samples = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([4, Channels, 8, 8], Numbers(4 * Channels * 64, 4)) };
        return ActivationCollector.Collect(Runtime, model, [new SampleBatch(samples, null, 4)], values);
    }
}
