using Kneepoint.Measurement.Findings;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Measurement.Findings;

public sealed class SaturationRiskTests
{
    static readonly string[] WithoutVnni = ["avx2"];
    static readonly string[] WithVnni = ["avx2", "avx512", "avx512-vnni"];
    static readonly string[] Arm = ["neon", "dotprod"];

    static TensorProto Codes(string name, long[] dimensions, params sbyte[] codes) => TensorData.Write(name, Tensor.Of<sbyte>(ElementType.Int8, dimensions, codes));

    static TensorProto Scalar(string name, float value) => TensorData.Write(name, Tensor.Of([], [value]));

    // x and w through DequantizeLinear, as a static INT8 layer is written.
    static OnnxModel Layer(string opType, long[] dimensions, sbyte[] codes, bool isActivationQuantized = true)
    {
        var nodes = new List<NodeProto>
        {
            TestModel.Node("QuantizeLinear", "x s", "xq"),
            TestModel.Node("DequantizeLinear", "xq s", "xd"),
            TestModel.Node("DequantizeLinear", "w s", "wd"),
            TestModel.Node(opType, isActivationQuantized ? "xd wd" : "x wd", "y"),
        };
        return TestModel.Of(17, [TestModel.Float("x", -1, dimensions[1])], [TestModel.Float("y", -1)], [Codes("w", dimensions, codes), Scalar("s", 0.1f)], [.. nodes]);
    }

    // 255·(a + b) > 32767 from a + b = 129 on; below −32768 from −129 on.
    [Theory]
    [InlineData(64, 64, false)]
    [InlineData(64, 65, true)]
    [InlineData(127, 1, false)]
    [InlineData(127, 2, true)]
    [InlineData(127, -127, false)]
    [InlineData(-64, -64, false)]
    [InlineData(-65, -64, true)]
    [InlineData(-128, 0, false)]
    [InlineData(-128, -1, true)]
    public void A_pair_is_at_risk_where_sixteen_bits_do_not_hold_its_products(sbyte a, sbyte b, bool isRisky)
    {
        Assert.Equal(isRisky, SaturationRisk.Of(Layer("Conv", [1, 2, 1, 1], [a, b]), WithoutVnni) is not null);
        Assert.Equal(isRisky, SaturationRisk.Of(Layer("MatMul", [2, 1], [a, b]), WithoutVnni) is not null);
    }

    [Fact]
    public void It_is_a_warning_without_vnni_and_a_note_elsewhere()
    {
        var risky = Layer("Conv", [1, 2, 1, 1], [127, 127]);

        Assert.Equal(FindingSeverity.Warning, SaturationRisk.Of(risky, WithoutVnni)?.Severity);
        Assert.Equal(FindingSeverity.Note, SaturationRisk.Of(risky, WithVnni)?.Severity);
        Assert.Equal(FindingSeverity.Note, SaturationRisk.Of(risky, ["avx2", "avx-vnni"])?.Severity);
        Assert.Equal(FindingSeverity.Note, SaturationRisk.Of(risky, Arm)?.Severity);
        Assert.Equal("1 of 1 integer layers (100.0 % of the weight pairs) can overflow sums of 16 bits. This processor has no VNNI: outputs may be wrong here. "
            + "Use weights of 7 bits (weights=7), or keep these layers in float.", SaturationRisk.Of(risky, WithoutVnni)!.Message);
    }

    [Fact]
    public void Neighbors_are_input_channels_at_one_place_of_the_kernel()
    {
        // [1, 2, 1, 2]: channel 0 is (127, 0), channel 1 is (0, 127): at no place do two large weights meet.
        Assert.Null(SaturationRisk.Of(Layer("Conv", [1, 2, 1, 2], [127, 0, 0, 127]), WithoutVnni));
        Assert.NotNull(SaturationRisk.Of(Layer("Conv", [1, 2, 1, 2], [127, 0, 127, 0]), WithoutVnni));
        // Two output channels with large weights are never added.
        Assert.Null(SaturationRisk.Of(Layer("Conv", [2, 1, 1, 1], [127, 127]), WithoutVnni));
        // Columns of a matrix are output channels.
        Assert.Null(SaturationRisk.Of(Layer("MatMul", [1, 2], [127, 127]), WithoutVnni));
    }

    [Fact]
    public void Layers_that_compute_in_float_are_at_no_risk()
    {
        Assert.Null(SaturationRisk.Of(Layer("Conv", [1, 2, 1, 1], [127, 127], isActivationQuantized: false), WithoutVnni));
        Assert.Null(SaturationRisk.Of(TestModel.Of(17, [TestModel.Float("x", -1, 2)], [TestModel.Float("y", -1, 2)], [TestModel.Weight("w", 2, 2)],
            TestModel.Node("MatMul", "x w", "y")), WithoutVnni));
    }

    [Theory]
    [InlineData("DynamicQuantizeMatMul", "x w s")]
    [InlineData("MatMulIntegerToFloat", "xq w s s")]
    public void Bug_matrices_whose_ranges_are_taken_as_the_network_runs_were_thought_safe(string opType, string inputs)
    {
        OnnxModel Product(params sbyte[] codes)
        {
            var product = TestModel.Node(opType, inputs, "y");
            product.Domain = Opsets.Microsoft;
            return TestModel.Of(17, [TestModel.Float("x", -1, 2)], [TestModel.Float("y", -1)], [Codes("w", [2, 1], codes), Scalar("s", 0.1f)], TestModel.Node("QuantizeLinear", "x s", "xq"), product);
        }

        Assert.NotNull(SaturationRisk.Of(Product(127, 127), WithoutVnni));
        Assert.Null(SaturationRisk.Of(Product(63, -64), WithoutVnni));
    }
}
