using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Search.Models;

public sealed class LayerNeighborsTests
{
    [Fact]
    public void Layers_meet_along_a_chain_through_what_lies_between() =>
        Assert.Equal([("a", "b"), ("b", "c")], Neighbors(
            Node("MatMul", "x w", "a"), Node("Relu", "a", "r"), Node("Sigmoid", "r", "s"), Node("MatMul", "s w1", "b"), Node("MatMul", "b w2", "c")));

    [Fact]
    public void Layers_that_are_joined_meet_each_other_and_what_comes_behind() =>
        Assert.Equal([("a", "b"), ("a", "c"), ("b", "c")], Neighbors(
            Node("MatMul", "x w", "a"), Node("MatMul", "y w1", "b"), Node("Add", "a b", "s"), Node("MatMul", "s w2", "c")));

    [Fact]
    public void Layers_that_take_the_same_value_meet() =>
        Assert.Equal([("a", "b")], Neighbors(Node("MatMul", "x w", "a"), Node("MatMul", "x w1", "b")));

    [Fact]
    public void Through_a_residual_stream_only_the_nearest_meet()
    {
        // v_i = v_(i-1) + layer_i(v_(i-1))
        var nodes = new List<NodeProto> { Node("Relu", "x", "v0") };
        for (int i = 1; i <= 12; i++)
        {
            nodes.Add(Node("MatMul", $"v{i - 1} w{i}", $"l{i}"));
            nodes.Add(Node("Add", $"v{i - 1} l{i}", $"v{i}"));
        }

        var pairs = Neighbors([.. nodes]);

        Assert.Contains(("l11", "l12"), pairs);
        Assert.DoesNotContain(("l1", "l12"), pairs);
        Assert.All(pairs, pair => Assert.InRange(Place(pair.Item2) - Place(pair.Item1), 1, 4));
    }

    static int Place(string layer) => int.Parse(layer.AsSpan(1), CultureInfo.InvariantCulture);

    static IEnumerable<(string, string)> Neighbors(params NodeProto[] nodes)
    {
        string[] weights = [.. nodes.Where(node => node.OpType == "MatMul").Select(node => node.Input[1]).Distinct()];
        var model = Of(17, [Float("x", 1, 4), Float("y", 1, 4)], [Float(nodes[^1].Output[0], 1, 4)], [.. weights.Select(weight => Weight(weight, 4, 4))], nodes);
        var layers = WeightedLayers.Find(model).Layers;
        var table = ChoiceTable.Of([.. layers.Select(layer => layer.Id)], layers.Select(layer => new LayerChoice(layer.Id, LayerMethod.Keep, 1, 1, 0)));

        // The layers are those of a copy, as the compressor's are.
        return LayerNeighbors.Of(table, new GraphIndex(model), WeightedLayers.Find(model.Clone()).Layers).Select(pair => (table.Groups[pair.First].Id, table.Groups[pair.Second].Id));
    }
}
