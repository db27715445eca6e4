using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Measurement;

public sealed class GivenQuantizationTests
{
    static readonly TensorProto Codes = TensorData.Write("w", Tensor.Of<sbyte>(ElementType.Int8, [2, 2], [1, 2, 3, 4]));
    static readonly TensorProto Scale = TensorData.Write("s", Tensor.Of([], [0.5f]));
    static readonly TensorProto Zero = TensorData.Write("z", Tensor.Of<ushort>(ElementType.UInt16, [], [7]));

    static string Layers(params NodeProto[] nodes) => string.Join("; ", GivenQuantization.LayersOf(
        TestModel.Of(21, [TestModel.Float("x", -1, 2)], [TestModel.Float("y", -1, 2)], [Codes, Scale, Zero], nodes))
        .Select(layer => $"{layer.Value} {layer.OpType} {layer.WeightBits}/{layer.ActivationBits}"));

    [Fact]
    public void Qdq_layers_store_and_compute_with_the_bits_of_their_codes()
    {
        Assert.Equal("y MatMul 8/8", Layers(TestModel.Node("QuantizeLinear", "x s", "q"), TestModel.Node("DequantizeLinear", "q s", "d"),
            TestModel.Node("DequantizeLinear", "w s", "wd"), TestModel.Node("MatMul", "d wd", "y")));
        Assert.Equal("y MatMul 8/16", Layers(TestModel.Node("QuantizeLinear", "x s z", "q"), TestModel.Node("DequantizeLinear", "q s z", "d"),
            TestModel.Node("DequantizeLinear", "w s", "wd"), TestModel.Node("MatMul", "d wd", "y")));
        Assert.Equal("y MatMul 8/8", Layers(TestModel.Node("QuantizeLinear", "x s", "q"), TestModel.Node("DequantizeLinear", "q s", "d"),
            TestModel.Node("DequantizeLinear", "w s", "wd"), TestModel.Node("MatMul", "wd d", "y")));
    }

    [Fact]
    public void Weight_only_layers_compute_in_float() =>
        Assert.Equal("y MatMul 8/32", Layers(TestModel.Node("DequantizeLinear", "w s", "wd"), TestModel.Node("MatMul", "x wd", "y")));

    [Fact]
    public void Operators_on_codes_are_known() => Assert.Equal("a MatMulInteger 8/8; b QLinearMatMul 8/8",
        Layers(TestModel.Node("MatMulInteger", "x w", "a"), TestModel.Node("QLinearMatMul", "x s z w s z s z", "b")));

    [Fact]
    public void Float_layers_and_products_of_two_activations_are_not_listed() => Assert.Empty(Layers(
        TestModel.Node("QuantizeLinear", "x s", "q"), TestModel.Node("DequantizeLinear", "q s", "d"), TestModel.Node("MatMul", "d d", "y"), TestModel.Node("MatMul", "x x", "v")));
}
