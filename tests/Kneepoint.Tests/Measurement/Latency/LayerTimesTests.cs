using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Measurement.Latency;

public sealed class LayerTimesTests
{
    [Fact]
    public void Nodes_go_to_the_layer_before_them_and_what_prepares_to_the_one_behind()
    {
        var times = Divide(["a", "b"],
            (Node("Relu", "x", "p"), 1), (Node("MatMul", "p w", "a"), 10), (Node("Sigmoid", "a", "s"), 2), (Node("QuantizeLinear", "s w", "q"), 4), (Node("MatMul", "q w", "b"), 20), (Node("Softmax", "b", "z"), 8));

        Assert.Equal([new LayerTime("a", "MatMul", 10, 1 + 2), new LayerTime("b", "MatMul", 20, 4 + 8)], times.Layers);
        Assert.Equal(0, times.RemainderMicroseconds);
    }

    [Fact]
    public void Fused_node_is_known_by_its_mark_and_one_of_a_blocked_layout_by_its_value()
    {
        var network = Network(Node("Conv", "x w", "a"), Node("Relu", "a", "r"), Node("MatMul", "r w", "b"), Node("Add", "b w", "c"));
        var blocked = NodeBuilder.Node("Conv", ["x", "v"], ["token_1"]);
        (blocked.Name, blocked.Domain) = ("r_nchwc", "com.microsoft.nchwc");
        var fused = NodeBuilder.Node("FusedGemm", ["token_1", "w"], ["c"]);
        (fused.Name, fused.Domain) = ("kneepoint.2;kneepoint.3;", "com.microsoft");

        var times = LayerTimes.Of(ProfileOf(network, (blocked, 5), (fused, 7)), [("a", "r"), ("b", "c")]);

        Assert.Equal([new LayerTime("a", "com.microsoft.nchwc.Conv", 5, 0), new LayerTime("b", "com.microsoft.FusedGemm", 7, 0)], times.Layers);
    }

    [Fact]
    public void Operator_of_several_layers_is_shared_and_what_no_layer_reaches_is_the_remainder()
    {
        var times = Divide(["a", "a"], (Node("MatMul", "x w", "a"), 10), (Node("Relu", "y", "z"), 3));

        Assert.Equal([5, 5], times.Layers.Select(layer => layer.OwnMicroseconds));
        Assert.Equal(3, times.RemainderMicroseconds);
    }

    [Fact]
    public void Layer_that_is_gone_has_no_time_and_no_operator() =>
        Assert.Equal(new LayerTime("gone", "", 0, 0), Divide(["a", "gone"], (Node("MatMul", "x w", "a"), 10)).Layers[1]);

    [Theory]
    [InlineData(1, 5, 3)]
    [InlineData(7, 1, 4)]
    [InlineData(100, 100, 2)]
    public void Parts_sum_to_the_whole(int seed, int run, int layers)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 30).Select(i =>
        {
            string from = i == 0 || random.Next(6) == 0 ? "y" : $"v{random.Next(i)}";
            string operation = new[] { "MatMul", "Relu", "QuantizeLinear", "Concat" }[random.Next(4)];
            return (Node(operation, $"{from} w", $"v{i}"), random.NextDouble() * 9);
        }).ToArray();
        var network = Network([.. nodes.Select(node => node.Item1)]);
        var profile = NodeProfile.Of(FusionReport.Mark(network), FusionReport.Mark(network).Graph, [.. nodes.Select(node => node.Item2)], run);

        var times = LayerTimes.Of(profile, [.. nodes.Where(node => node.Item1.OpType == "MatMul").Take(layers).Select(node => (node.Item1.Output[0], node.Item1.Output[0]))]);

        Assert.Equal(profile.Microseconds, times.Layers.Sum(layer => layer.Microseconds) + times.RemainderMicroseconds, 1e-9);
    }

    [Fact]
    public void What_noting_takes_is_taken_off_each_node_that_ran()
    {
        var network = Network(Node("MatMul", "x w", "a"), Node("Relu", "a", "b"), Node("Relu", "a", "c"));

        // 15 + 5 noted, 14 taken: 3 a node.
        Assert.Equal([12, 2, 0], Noted(network, 14, 15, 5, 0));

        // No time becomes negative, and a run that takes longer than its nodes leaves the notes as they are.
        Assert.Equal([10, 0, 0], Noted(network, 4, 15, 5, 0));
        Assert.Equal([15, 5, 0], Noted(network, 30, 15, 5, 0));
    }

    static IEnumerable<double> Noted(OnnxModel network, double run, params double[] notes)
    {
        var marked = FusionReport.Mark(network);
        return NodeProfile.Of(marked, marked.Graph, notes, run).Nodes.Select(node => node.Microseconds);
    }

    static LayerTimes Divide(string[] layers, params (NodeProto Node, double Microseconds)[] nodes)
    {
        var network = Network([.. nodes.Select(node => node.Node)]);
        var executed = FusionReport.Mark(network).Graph.Node;
        return LayerTimes.Of(ProfileOf(network, [.. nodes.Select((node, i) => (executed[i], node.Microseconds))]), [.. layers.Select(layer => (layer, layer))]);
    }

    // As if noting took no time.
    static NodeProfile ProfileOf(OnnxModel network, params (NodeProto Node, double Microseconds)[] executed)
    {
        var graph = new GraphProto();
        graph.Node.AddRange(executed.Select(node => node.Node));
        return NodeProfile.Of(FusionReport.Mark(network), graph, [.. executed.Select(node => node.Microseconds)], executed.Sum(node => node.Microseconds));
    }

    static OnnxModel Network(params NodeProto[] nodes) => Of(17, [Float("x", 1, 4), Float("y", 1, 4)], [Float(nodes[^1].Output[0], 1, 4)], [Weight("w", 4, 4)], nodes);
}
