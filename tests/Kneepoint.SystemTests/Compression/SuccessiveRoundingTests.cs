using Google.Protobuf;
using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Layers rounded one behind the other, each for what the rounded layers before it feed it.</summary>
public sealed class SuccessiveRoundingTests
{
    internal const int Samples = 48;
    const int Channels = 16;

    // Layers whose inputs have few directions gain more.
    const double LeastGainDecibels = 0.4;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData("convolutions", 13)]
    [InlineData("convolutions", 9)]
    [InlineData("residual and depthwise", 17)]
    [InlineData("matrices", 21)]
    [InlineData("matrices", 9)]
    [InlineData("matrices from the left", 17)]
    [InlineData("recurrent", 14)]
    [InlineData("inside and around an If", 13)]
    public void Outputs_of_the_network_change_less_than_where_each_layer_is_rounded_for_the_inputs_of_the_original(string kind, int opset)
    {
        var (model, inputs) = Network(kind, opset);

        var (byData, successive) = (Apply(model, inputs, WeightRounding.Data), Apply(model, inputs, WeightRounding.Successive));

        double before = Sqnr(model, byData, inputs), after = Sqnr(model, successive, inputs);
        Assert.True(after > before + LeastGainDecibels, $"{after} dB after {before} dB");
        Assert.Matches("^[1-9]", Assert.Single(successive.Findings, finding => finding.Code == "rounded-in-succession").Message);
    }

    [Theory]
    [InlineData("static-int8 4")]
    [InlineData("weight-int8")]
    [InlineData("weight-int2")]
    [InlineData("pruned, then 3 bits")]
    [InlineData("mixed")]
    public void Every_method_that_rounds_by_data_can_be_fitted_in_succession(string kind)
    {
        var (model, inputs) = Network("convolutions", 17);
        string[] layers = [.. Compressor.LayersOf(model).Select(layer => layer.Id)];
        Step[] Steps(WeightRounding rounding) => kind switch
        {
            "static-int8 4" => [new StaticInt8 { WeightBits = 4, Rounding = rounding }.ToStep(Step.WholeNetwork)],
            "weight-int8" => [new WeightInt8 { Rounding = rounding }.ToStep(Step.WholeNetwork)],
            "weight-int2" => [new BlockWeights { Bits = 2, Rounding = rounding, IsSymmetric = false }.ToStep(Step.WholeNetwork)],
            "mixed" => [new BlockWeights { Bits = 3, Rounding = rounding }.ToStep(layers[0], layers[2]), new StaticInt8 { WeightBits = 4, Rounding = rounding }.ToStep(layers[1], layers[3])],
            _ => [new PruneChannels { RatioPercent = 30, Multiple = 1 }.ToStep(Step.WholeNetwork), new BlockWeights { Bits = 3, Rounding = rounding }.ToStep(Step.WholeNetwork)],
        };

        double before = Sqnr(model, Compressor.Apply(model, new Recipe([.. Steps(WeightRounding.Data)]), new OneBatch(model, inputs, Samples)), inputs);
        double after = Sqnr(model, Compressor.Apply(model, new Recipe([.. Steps(WeightRounding.Successive)]), new OneBatch(model, inputs, Samples)), inputs);

        // What is cut costs more than rounding does, and activations of 8 bits cost what they cost.
        Assert.True(after > before - 0.1, $"{after} dB after {before} dB");
    }

    [Fact]
    public void The_same_samples_make_the_same_network()
    {
        var (model, inputs) = Network("residual and depthwise", 17);

        byte[][] made = [.. Enumerable.Range(0, 2).Select(_ => Apply(model, inputs, WeightRounding.Successive).Model.Proto.ToByteArray())];

        Assert.Equal(made[0], made[1]);
    }

    [Fact]
    public void Without_samples_layers_are_rounded_to_nearest()
    {
        var (model, _) = Network("convolutions", 17);

        var variant = Compressor.Apply(model, new Recipe([Method(WeightRounding.Successive).ToStep(Step.WholeNetwork)]));

        Assert.Contains(variant.Findings, finding => finding.Code == "rounded-to-nearest");
    }

    static BlockWeights Method(WeightRounding rounding) => new() { Bits = 3, BlockSize = 0, Rounding = rounding, Kernel = WeightKernel.Load };

    static CompressedNetwork Apply(OnnxModel model, Dictionary<string, Tensor> inputs, WeightRounding rounding) =>
        Compressor.Apply(model, new Recipe([Method(rounding).ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));

    internal static double Sqnr(OnnxModel model, CompressedNetwork variant, Dictionary<string, Tensor> inputs)
    {
        using var baseline = Runtime.Open(model, new SessionSettings());
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        return OutputComparison.Of(session.Run(inputs), baseline.Run(inputs), Samples).SqnrDecibels;
    }

    internal static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network(string kind, int opset)
    {
        NodeProto[] nodes = kind switch
        {
            "residual and depthwise" =>
            [
                Conv("x", "a", 1), Node("Relu", ["a"], ["ar"]), Conv("ar", "b", Channels), Node("Relu", ["b"], ["br"]), Conv("br", "c", 1), Node("Add", ["c", "ar"], ["s"]),
                Conv("s", "d", 4), Node("Relu", ["d"], ["dr"]), Conv("dr", "y", 1),
            ],
            "matrices" => [Node("MatMul", ["x", "w_a"], ["a"]), Node("Relu", ["a"], ["ar"]), Node("MatMul", ["ar", "w_b"], ["b"]), Node("Relu", ["b"], ["br"]), Node("MatMul", ["br", "w_y"], ["y"])],
            "matrices from the left" => [Node("MatMul", ["w_a", "x"], ["a"]), Node("Relu", ["a"], ["ar"]), Node("MatMul", ["w_b", "ar"], ["b"]), Node("Relu", ["b"], ["br"]), Node("MatMul", ["w_y", "br"], ["y"])],
            "recurrent" =>
            [
                Node("LSTM", ["x", "w_a", "r_a"], ["a"], Int("hidden_size", Channels)), Node("Squeeze", ["a", "axes"], ["as"]),
                Node("LSTM", ["as", "w_b", "r_b"], ["b"], Int("hidden_size", Channels)), Node("Squeeze", ["b", "axes"], ["bs"]), Node("MatMul", ["bs", "w_y"], ["y"]),
            ],
            "inside and around an If" => [Conv("x", "a", 1), Node("Relu", ["a"], ["ar"]), Conv("ar", "b", 1), Branch("b", "br"), Conv("br", "c", 1), Node("Relu", ["c"], ["cr"]), Conv("cr", "y", 1)],
            _ => [Conv("x", "a", 1), Node("Relu", ["a"], ["ar"]), Conv("ar", "b", 1), Node("Relu", ["b"], ["br"]), Conv("br", "c", 1), Node("Relu", ["c"], ["cr"]), Conv("cr", "y", 1)],
        };
        long[] shape = kind is "recurrent" ? [12, Samples, Channels] : kind.StartsWith("matrices", StringComparison.Ordinal) ? [Samples, Channels, Channels] : [Samples, Channels, 6, 6];
        var model = Model([Value("x", ElementType.Float32, shape)], ["y"], nodes);
        model.Graph.Output[0] = Value("y", ElementType.Float32, shape);
        model.Proto.OpsetImport[0].Version = opset;
        int seed = 10;
        foreach (var node in nodes)
        {
            foreach (string name in node.Input.Where(name => name.StartsWith("w_", StringComparison.Ordinal) || name.StartsWith("r_", StringComparison.Ordinal)))
            {
                long[] dims = node.OpType switch
                {
                    "Conv" => [Channels, Channels / node.GetInt("group", 1), 3, 3],
                    "LSTM" => [1, 4 * Channels, Channels],
                    _ => [Channels, Channels],
                };
                long count = dims.Aggregate((a, b) => a * b);
                float size = 1.6f / MathF.Sqrt(count / (node.OpType == "LSTM" ? 4 * Channels : Channels));
                model.Graph.Initializer.Add(Weight(name, ElementType.Float32, dims, [.. Numbers((int)count, seed++).Select(number => number * size)]));
            }
        }

        if (kind == "recurrent") model.Graph.Initializer.Add(Weight("axes", ElementType.Int64, [1], 1L));
        if (kind == "inside and around an If") model.Graph.Initializer.Add(Weight("yes", ElementType.Bool, [], (byte)1));
        return (model, new Dictionary<string, Tensor> { ["x"] = Correlated(shape) });
    }

    static NodeProto Conv(string input, string output, int group) =>
        Node("Conv", [input, "w_" + output], [output], Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1), Int("group", group));

    // Both branches take a value of the graph around them.
    static NodeProto Branch(string input, string output)
    {
        var node = Node("If", ["yes"], [output]);
        foreach (var (name, operation) in new[] { ("then_branch", "Relu"), ("else_branch", "Neg") })
        {
            var graph = new GraphProto { Name = name };
            graph.Node.Add(Node(operation, [input], [name + "_made"]));
            graph.Output.Add(new ValueInfoProto { Name = name + "_made" });
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph });
        }

        return node;
    }

    // Few directions, and a mean: what makes errors able to cancel.
    static Tensor Correlated(long[] shape)
    {
        int count = (int)shape.Aggregate((a, b) => a * b);
        float[] values = new float[count], few = Numbers(count, 5), mix = Numbers(Channels * 3, 6);
        for (int i = 0; i < count; i++)
        {
            values[i] = 0.3f + 0.2f * few[i];
            for (int k = 0; k < 3; k++) values[i] += mix[i % Channels * 3 + k] * few[(i / Channels * 3 + k) % count];
        }

        return Tensor.Of(shape, values);
    }
}
