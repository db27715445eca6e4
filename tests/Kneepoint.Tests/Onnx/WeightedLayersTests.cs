using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Onnx;

public sealed class WeightedLayersTests
{
    [Theory]
    [InlineData("Conv", "x w b", "8 4 3 3", 2L, 1, 0, 36L, 8L)]
    [InlineData("Conv", "x w", "8 1 3 3", 8L, 1, 0, 9L, 8L)]
    [InlineData("ConvTranspose", "x w b", "8 4 2 2", 2L, 1, 1, 16L, 8L)]
    [InlineData("Gemm", "x w b", "30 20", null, 1, 1, 30L, 20L)]
    [InlineData("MatMul", "x w", "30 20", null, 1, 1, 30L, 20L)]
    [InlineData("MatMul", "x w", "3 30 20", null, 1, 2, 30L, 20L)]
    [InlineData("MatMul", "w x", "20 30", null, 0, 0, 30L, 20L)]
    [InlineData("Gather", "w x", "100 16", null, 0, 0, 0L, 100L)]
    public void Each_operator_states_its_weight(string op, string inputs, string dims, long? group, int input, int axis, long reduction, long channels)
    {
        var node = Node(op, inputs, "y");
        if (group is { } g) node.With("group", g);
        var weight = Weight("w", [.. dims.Split(' ').Select(long.Parse)]);

        var layer = Assert.Single(WeightedLayers.Find(Of(13, [Float("x", 1)], [Float("y", 1)], [weight, Weight("b", 8)], node)).Layers);

        Assert.Equal(("y", "w", input, axis, reduction, channels, group ?? 1), (layer.Id, layer.WeightName, layer.WeightInput, layer.OutputAxis, layer.ReductionLength, layer.OutputChannels, layer.Group));
        Assert.Equal("x", layer.ActivationInput);
        Assert.Equal(inputs.EndsWith('b') ? "b" : null, layer.BiasName);
        Assert.Equal(TensorData.Count(weight), layer.WeightCount);
    }

    [Fact]
    public void Gemm_with_a_transposed_weight_has_its_channels_first()
    {
        var layer = Assert.Single(WeightedLayers.Find(Of(13, [Float("x", 1, 30)], [Float("y", 1, 20)], [Weight("w", 20, 30)], Node("Gemm", "x w", "y").With("transB", 1))).Layers);

        Assert.Equal((0, 30L), (layer.OutputAxis, layer.ReductionLength));
    }

    [Fact]
    public void A_product_of_two_activations_is_no_layer() =>
        Assert.Empty(WeightedLayers.Find(Of(13, [Float("x", 4, 4)], [Float("y", 4, 4)], [], Node("MatMul", "x x", "y"))).Layers);

    [Fact]
    public void Integer_tables_vectors_and_other_axes_are_no_layers()
    {
        var found = WeightedLayers.Find(Of(13, [Int64("x", 1)], [Float("y", 1)],
            [TensorData.Write("table", new Tensor(ElementType.Int64, [4, 4], new byte[128])), Weight("vector", 300), Weight("w", 4, 4)],
            Node("Gather", "table x", "a"), Node("Gather", "vector x", "b"), Node("Gather", "w x", "c").With("axis", 1), Node("MatMul", "c vector", "y")));

        Assert.Empty(found.Layers);
        Assert.Equal(["b", "y"], found.UntreatedParts.Select(part => part.Id));
    }

    [Fact]
    public void Sharing_of_a_weight_is_visible_through_identity_too()
    {
        var found = WeightedLayers.Find(Of(13, [Float("x", 4, 4)], [Float("y", 4, 4)], [Weight("w", 4, 4)],
            Node("Identity", "w", "alias"), Node("MatMul", "x w", "a"), Node("MatMul", "a alias", "b"), Node("Add", "b w", "y")));

        Assert.Equal(["a", "b"], found.Layers.Select(layer => layer.Id));
        Assert.Equal(["w", "w"], found.Layers.Select(layer => layer.WeightName));
        Assert.Equal(["y", "b"], found.Layers[0].SharedWith);
        Assert.Equal(["a", "y"], found.Layers[1].SharedWith.Order());
    }

    [Fact]
    public void A_recurrent_operator_has_two_layers_that_bear_the_name_of_its_first_value()
    {
        var found = WeightedLayers.Find(Of(17, [Float("x", 5, 1, 4)], [Float("h", 2, 1, 8)],
            [Weight("w", 2, 24, 4), Weight("r", 2, 24, 8)],
            NodeBuilder.Node("GRU", ["x", "w", "r"], ["", "h"]).With("hidden_size", 8).With("direction", "bidirectional")));

        Assert.Empty(found.UntreatedParts);
        Assert.Equal(
            ["h 1 w [2, 24, 4] 1 4", "h/recurrence 2 r [2, 24, 8] 1 8"],
            found.Layers.Select(layer => $"{layer.Id} {layer.WeightInput} {layer.WeightName} [{string.Join(", ", layer.WeightDimensions)}] {layer.OutputAxis} {layer.ReductionLength}"));
        Assert.All(found.Layers, layer => Assert.Equal("h", layer.Value));
    }

    [Fact]
    public void A_recurrent_operator_whose_second_name_is_taken_stays_untreated()
    {
        var found = WeightedLayers.Find(Of(17, [Float("x", 5, 1, 4)], [Float("h/recurrence", 1)], [Weight("w", 1, 8, 4), Weight("r", 1, 8, 8)],
            Node("RNN", "x w r", "h").With("hidden_size", 8), Node("Identity", "h", "h/recurrence")));

        Assert.Empty(found.Layers);
    }

    [Fact]
    public void What_is_not_treated_is_named_with_the_reason()
    {
        var then = new GraphProto { Node = { Node("MatMul", "x inner", "t") }, Initializer = { Weight("inner", 4, 4) }, Output = { Float("t", 1) } };
        var model = Of(17, [Float("x", 1, 4, 4), NodeBuilder.Value("p", ElementType.Bool, [])], [Float("y", 1)],
            [Weight("wl", 1, 16, 4), Weight("w", 4, 4), Weight("g", 20, 20), Weight("q", 4, 4)],
            Node("Identity", "x", "rl"), Node("LSTM", "x wl rl", "l"), Node("If", "p", "i").With("then_branch", then).With("else_branch", then.Clone()),
            Node("Transpose", "w", "wt"), Node("MatMul", "x wt", "m"), Node("Mul", "x g", "s"),
            NodeBuilder.Node("Magic", ["x", "q"], ["y"], "acme"));

        var parts = WeightedLayers.Find(model).UntreatedParts;

        Assert.Equal(
            ["l: LSTM 64 is a recurrent operator whose weights are not fixed", "i: If 32 holds subgraphs", "m: MatMul 0 has a weight that comes through Transpose",
                "s: Mul 400 is no layer with a weight of its own kind", "y: acme.Magic 16 belongs to the domain acme"],
            parts.Select(part => $"{part.Id}: {part.OpType} {part.WeightCount} {part.Reason}"));
    }

    [Fact]
    public void A_group_that_does_not_divide_the_channels_is_refused() =>
        Assert.Contains("divides 8 channels, found 3", Assert.Throws<OnnxModelException>(() => WeightedLayers.Find(
            Of(13, [Float("x", 1)], [Float("y", 1)], [Weight("w", 8, 4, 3, 3)], Node("Conv", "x w", "y").With("group", 3)))).Message, StringComparison.Ordinal);
}
