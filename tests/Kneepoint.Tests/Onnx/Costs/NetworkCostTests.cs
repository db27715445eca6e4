using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Onnx.Costs;

public sealed class NetworkCostTests
{
    [Fact]
    public void Convolution_and_product_count_what_is_written_on_paper()
    {
        var cost = CostOf([TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Weight("w", 4, 3, 3, 3), TestModel.Weight("b", 4), TestModel.Weight("m", 6, 10)],
            TestModel.Node("Conv", "x w b", "c"), TestModel.Node("Relu", "c", "r"), TestModel.Node("MatMul", "r m", "y"));

        const long Convolution = 4 * 6 * 6 * (3 * 3 * 3), Product = 4 * 6 * 10 * 6;
        Assert.Equal(Convolution + Product, cost.Macs);
        Assert.Equal((Convolution + Product) * 32 * 32, cost.BitOps);
        Assert.Equal(4 * 27 + 4 + 60, cost.Parameters);
        Assert.Equal((4 * 27 + 4 + 60) * 4, cost.WeightBytes);
        Assert.Equal((144 + 144 + 240) * 4, cost.ActivationBytes);
        Assert.Empty(cost.Uncounted);
        Assert.Equal(["Conv", "Relu", "MatMul"], cost.Nodes.Select(node => node.Operator));
    }

    [Fact]
    public void Depthwise_and_transposed_convolutions_divide_by_their_groups()
    {
        var depthwise = CostOf([TestModel.Float("x", 1, 8, 6, 6)], [TestModel.Weight("w", 8, 1, 3, 3)], TestModel.Node("Conv", "x w", "y").With("group", 8));
        var transposed = CostOf([TestModel.Float("x", 1, 4, 5, 5)], [TestModel.Weight("w", 4, 3, 2, 2)], TestModel.Node("ConvTranspose", "x w", "y").With("group", 2));

        Assert.Equal(8 * 4 * 4 * 9, depthwise.Macs);
        Assert.Equal(4 * 5 * 5 * 3 * 2 * 2, transposed.Macs);
    }

    [Fact]
    public void Recurrent_layers_count_all_gates_and_directions()
    {
        var cost = CostOf([TestModel.Float("x", 10, 2, 16)], [TestModel.Weight("w", 2, 4 * 32, 16), TestModel.Weight("r", 2, 4 * 32, 32)],
            TestModel.Node("LSTM", "x w r", "y").With("hidden_size", 32).With("direction", "bidirectional"));

        Assert.Equal(10 * 2 * 2 * 4 * 32 * (16 + 32), cost.Macs);
    }

    [Fact]
    public void A_shared_weight_is_stored_once_and_computes_twice()
    {
        var cost = CostOf([TestModel.Float("x", 5, 6)], [TestModel.Weight("w", 6, 6)], TestModel.Node("MatMul", "x w", "a"), TestModel.Node("MatMul", "a w", "y"));

        Assert.Equal(36, cost.Parameters);
        Assert.Equal(2 * 5 * 6 * 6, cost.Macs);
    }

    [Fact]
    public void Codes_between_quantization_count_with_their_own_bits()
    {
        var codes = TensorData.Write("w", Tensor.Of<sbyte>(ElementType.Int8, [6, 6], new sbyte[36]));
        var zeroPoint = TensorData.Write("z", Tensor.Of<byte>(ElementType.UInt8, [], [0]));
        var cost = CostOf([TestModel.Float("x", 5, 6)], [codes, zeroPoint, TestModel.Weight("s")],
            TestModel.Node("QuantizeLinear", "x s z", "q"), TestModel.Node("DequantizeLinear", "q s z", "d"), TestModel.Node("DequantizeLinear", "w s", "v"),
            TestModel.Node("MatMul", "d v", "y"));

        Assert.Equal(5 * 6 * 6 * 8 * 8, cost.BitOps);
    }

    [Fact]
    public void Weights_stored_in_16_bits_count_with_16_bits()
    {
        var half = TensorData.Write("w", Tensor.Of<ushort>(ElementType.Float16, [6, 6], new ushort[36]));
        var cost = CostOf([TestModel.Float("x", 5, 6)], [half], TestModel.Node("Cast", "w", "v").With("to", 1), TestModel.Node("MatMul", "x v", "y"));

        Assert.Equal(5 * 6 * 6 * 16 * 32, cost.BitOps);
    }

    [Fact]
    public void Two_codes_in_a_byte_count_with_4_bits()
    {
        var packed = TensorData.Write("w", Tensor.Of<byte>(ElementType.UInt8, [16, 1, 16], new byte[256]));
        var node = NodeBuilder.Node("MatMulNBits", ["x", "w", "s"], ["y"], "com.microsoft").With("N", 16).With("K", 32).With("bits", 4).With("block_size", 32);
        var cost = CostOf([TestModel.Float("x", 5, 32)], [packed, TestModel.Weight("s", 16)], node);

        Assert.Equal(5 * 16 * 32, cost.Macs);
        Assert.Equal(5 * 16 * 32 * 4 * 32, cost.BitOps);
    }

    [Fact]
    public void Operators_without_a_rule_are_named()
    {
        var custom = NodeBuilder.Node("Magic", ["x"], ["m"], "example.org");
        var cost = CostOf([TestModel.Float("x", 5, 6)], [TestModel.Weight("w", 6, 6)], custom, TestModel.Node("MatMul", "m w", "y"));

        Assert.Equal(["MatMul", "example.org.Magic"], cost.Uncounted.Select(entry => entry.Operator).Order(StringComparer.Ordinal));
        Assert.Equal(0, cost.Macs);
        Assert.Equal(36, cost.Parameters);
    }

    [Fact]
    public void Sums_saturate()
    {
        var cost = CostOf([TestModel.Float("x", 1L << 20, 1L << 20)], [], TestModel.Node("Transpose", "x", "t"), TestModel.Node("MatMul", "x t", "y"));

        Assert.Equal(long.MaxValue, cost.BitOps);
    }

    [Theory]
    [InlineData(3, true, 3 * 4 * 4)]
    [InlineData(3, false, 0)]
    [InlineData(-5, true, 0)]
    public void A_loop_counts_as_often_as_it_runs(long trips, bool starts, long expected)
    {
        var cost = LoopCost(trips, starts);

        Assert.Empty(cost.Uncounted);
        Assert.Equal(expected, cost.Macs);
    }

    [Fact]
    public void A_loop_whose_start_depends_on_data_is_named()
    {
        var cost = LoopCost(3, null);

        Assert.Equal("Loop", Assert.Single(cost.Uncounted).Operator);
        Assert.Equal(0, cost.Macs);
    }

    [Fact]
    public void Products_beyond_all_integers_saturate()
    {
        string[] letters = ["ab", "cd", "ef", "gh"];
        ValueInfoProto[] inputs = [.. letters.Select(pair => TestModel.Float(pair, 1L << 28, 1L << 28))];
        var cost = CostOf(inputs, [], TestModel.Node("Einsum", string.Join(' ', letters), "y").With("equation", "ab,cd,ef,gh->a"));

        Assert.Equal(long.MaxValue, cost.Macs);
    }

    [Fact]
    public void Sparse_weights_are_stored_too()
    {
        var model = TestModel.Of(13, [TestModel.Float("x", 3)], [TestModel.Float("y", 3)], [], TestModel.Node("Add", "x w", "y"));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = TestModel.Weight("w", 2), Indices = TestModel.Integers("", 0, 2), Dims = { 3 } });

        var cost = NetworkCost.Of(model, ShapeInference.Infer(model, new InputShapes()));

        Assert.Equal(2, cost.Parameters);
        Assert.Equal(2 * 4 + 2 * 8, cost.WeightBytes);
    }

    // The condition to start with is given by the caller where it is null here.
    static NetworkCost LoopCost(long trips, bool? starts)
    {
        var body = new GraphProto { Name = "body" };
        body.Input.AddRange([NodeBuilder.Value("i", ElementType.Int64, []), NodeBuilder.Value("go", ElementType.Bool, []), TestModel.Float("state", 1, 4)]);
        body.Output.AddRange([new ValueInfoProto { Name = "go" }, new ValueInfoProto { Name = "next" }]);
        body.Node.Add(TestModel.Node("MatMul", "state w", "next"));
        var loop = TestModel.Node("Loop", "trips start x", "y");
        loop.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = body });
        List<TensorProto> weights = [TestModel.Integers("trips", trips), TestModel.Weight("w", 4, 4)];
        List<ValueInfoProto> inputs = [TestModel.Float("x", 1, 4)];
        if (starts is { } value) weights.Add(TensorData.Write("start", Tensor.Of<byte>(ElementType.Bool, [1], [value ? (byte)1 : (byte)0])));
        else inputs.Add(NodeBuilder.Value("start", ElementType.Bool, [1]));
        return CostOf([.. inputs], [.. weights], loop);
    }

    static NetworkCost CostOf(ValueInfoProto[] inputs, TensorProto[] weights, params NodeProto[] nodes)
    {
        var model = TestModel.Of(13, inputs, [NodeBuilder.Value("y", ElementType.Float32, [])], weights, nodes);
        return NetworkCost.Of(model, ShapeInference.Infer(model, new InputShapes()));
    }
}
