using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Onnx.Shapes;

public sealed class ShapeInferenceTests
{
    [Theory]
    [InlineData("", "1×4×6×6")]
    [InlineData("pads=1,1,1,1", "1×4×8×8")]
    [InlineData("strides=2,2", "1×4×3×3")]
    [InlineData("strides=2,2 pads=0,0,1,1", "1×4×4×4")]
    [InlineData("dilations=2,2", "1×4×4×4")]
    [InlineData("auto_pad=SAME_UPPER strides=3,3", "1×4×3×3")]
    [InlineData("auto_pad=VALID pads=9,9,9,9", "1×4×6×6")]
    public void Convolution_window(string attributes, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Weight("w", 4, 3, 3, 3)], Node("Conv", "x w", attributes)));

    [Theory]
    [InlineData("strides=2,2", "1×2×17×17")]
    [InlineData("strides=2,2 pads=1,1,1,1 output_padding=1,1", "1×2×16×16")]
    [InlineData("strides=2,2 output_shape=16,16", "1×2×16×16")]
    [InlineData("group=3", "1×6×10×10")]
    public void Transposed_convolution_window(string attributes, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Weight("w", 3, 2, 3, 3)], Node("ConvTranspose", "x w", attributes)));

    [Theory]
    [InlineData("kernel_shape=3,3 strides=2,2", "1×3×3×3")]
    [InlineData("kernel_shape=3,3 strides=2,2 ceil_mode=1", "1×3×4×4")]
    [InlineData("kernel_shape=2,2 strides=2,2 pads=1,1,1,1 ceil_mode=1", "1×3×5×5")]
    public void Pooling_window(string attributes, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", 1, 3, 8, 8)], [], Node("MaxPool", "x", attributes)));

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4, 5 }, "3×5")]
    [InlineData(new long[] { 2, 1, 3, 4 }, new long[] { 7, 4, 5 }, "2×7×3×5")]
    [InlineData(new long[] { 4 }, new long[] { 4, 5 }, "5")]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 }, "3")]
    [InlineData(new long[] { 4 }, new long[] { 4 }, "")]
    public void Product_of_stacks_and_vectors(long[] left, long[] right, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", left), TestModel.Float("y", right)], [], Node("MatMul", "x y", "")));

    [Theory]
    [InlineData(new long[] { 0, -1 }, "2×12")]
    [InlineData(new long[] { -1 }, "24")]
    [InlineData(new long[] { 4, 6 }, "4×6")]
    public void Reshape_fills_in(long[] to, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", 2, 3, 4)], [TestModel.Integers("to", to)], Node("Reshape", "x to", "")));

    [Fact]
    public void Shapes_that_the_network_computes_resolve()
    {
        // x.reshape(x.shape[0], -1) as exporters write it.
        var model = TestModel.Of(13, [TestModel.Float("x", 2, 3, 4)], [TestModel.Float("y", 2, 12)],
            [TestModel.Integers("zero", 0), TestModel.Integers("rest", -1)],
            TestModel.Node("Shape", "x", "shape"), TestModel.Node("Gather", "shape zero", "first"),
            TestModel.Node("Concat", "first rest", "to").With("axis", 0), TestModel.Node("Reshape", "x to", "y"));

        Assert.Equal("2×12", Text(ShapeInference.Infer(model, new InputShapes())["y"]));
    }

    [Theory]
    [InlineData(new long[] { 1 }, new long[] { 3 }, new long[] { 1 }, new long[] { 1 }, "2×2×4")]
    [InlineData(new long[] { -1 }, new long[] { -100 }, new long[] { 2 }, new long[] { -1 }, "2×3×4")]
    [InlineData(new long[] { 0 }, new long[] { 1000 }, new long[] { 2 }, new long[] { 3 }, "2×3×2")]
    [InlineData(new long[] { 2 }, new long[] { 1 }, new long[] { 1 }, new long[] { 1 }, "2×0×4")]
    public void Slices_count_their_steps(long[] starts, long[] ends, long[] axes, long[] steps, string expected) => Assert.Equal(expected, Shape(
        [TestModel.Float("x", 2, 3, 4)],
        [TestModel.Integers("s", starts), TestModel.Integers("e", ends), TestModel.Integers("a", axes), TestModel.Integers("t", steps)],
        Node("Slice", "x s e a t", "")));

    [Fact]
    public void Padding_as_exporters_compute_it_resolves()
    {
        // [0 1 2 3] as pairs, in reverse order, transposed: [2 0 3 1].
        var model = TestModel.Of(13, [TestModel.Float("x", 5, 7)], [TestModel.Float("y", 10, 11)],
            [
                TestModel.Integers("list", 0, 1, 2, 3), TestModel.Integers("pairs", -1, 2), TestModel.Integers("from", -1), TestModel.Integers("end", -9),
                TestModel.Integers("axis", 0), TestModel.Integers("step", -1), TestModel.Integers("flat", -1),
            ],
            TestModel.Node("Reshape", "list pairs", "p"), TestModel.Node("Slice", "p from end axis step", "r"),
            TestModel.Node("Transpose", "r", "t").With("perm", [1, 0]), TestModel.Node("Reshape", "t flat", "pads"), TestModel.Node("Pad", "x pads", "y"));

        Assert.Equal("10×8", Text(ShapeInference.Infer(model, new InputShapes())["y"]));
    }

    [Fact]
    public void What_depends_on_data_is_unknown_with_its_reason()
    {
        var model = TestModel.Of(13, [TestModel.Float("x", 2, 3), TestModel.Int64("to", 2)], [TestModel.Float("y", 2, 12)], [],
            TestModel.Node("Reshape", "x to", "r"), TestModel.Node("Relu", "r", "y"));

        var shapes = ShapeInference.Infer(model, new InputShapes());

        Assert.Null(shapes["y"]);
        Assert.Contains("depends on the data of its input 1", shapes.WhyUnknown("y"), StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_and_names_give_free_sizes()
    {
        var input = TestModel.Float("x", -1, 5);
        input.Type.TensorType.Shape.Dim[1].DimParam = "length";
        var model = TestModel.Of(13, [input], [TestModel.Float("y", -1, 5)], [], TestModel.Node("Relu", "x", "y"));

        var shapes = ShapeInference.Infer(model, new InputShapes { Batch = 3, Named = System.Collections.Immutable.ImmutableDictionary<string, long>.Empty.Add("length", 9) });

        Assert.Equal("3×9", Text(shapes["y"]));
    }

    [Theory]
    [InlineData("Conv", "x w", "strides=0,0")]
    [InlineData("Conv", "x w", "strides=1")]
    [InlineData("Conv", "x w", "dilations=4611686018427387904,4611686018427387904")]
    [InlineData("Conv", "x", "")]
    [InlineData("Conv", "x w", "group=2")]
    [InlineData("NhwcConv", "x w", "")]
    [InlineData("MaxPool", "x", "")]
    [InlineData("MaxPool", "x", "kernel_shape=20,20")]
    [InlineData("Transpose", "x", "perm=0,0,1,2")]
    [InlineData("Concat", "", "axis=0")]
    [InlineData("Flatten", "x", "axis=9")]
    [InlineData("DepthToSpace", "x", "blocksize=0")]
    [InlineData("LSTM", "x w", "")]
    public void Malformed_nodes_leave_their_shape_unknown(string operation, string inputs, string attributes)
    {
        var model = Model([TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Weight("w", 4, 3, 3, 3)], Node(operation, inputs, attributes));

        var shapes = ShapeInference.Infer(model, new InputShapes());

        Assert.Null(shapes["y"]);
        Assert.False(string.IsNullOrEmpty(shapes.WhyUnknown("y")));
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, null)]
    [InlineData(new long[] { 2, 4 }, "Input 'x', dimension 1: the model states 3, 4 was given.")]
    [InlineData(new long[] { 2 }, "Input 'x': the model states 2 dimensions, [2] was given.")]
    public void A_given_shape_must_agree_with_the_model(long[] given, string? refusal)
    {
        var model = TestModel.Of(13, [TestModel.Float("x", -1, 3)], [TestModel.Float("y", -1, 3)], [], TestModel.Node("Relu", "x", "y"));
        var inputs = new InputShapes { Inputs = System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<long>>.Empty.Add("x", [.. given]) };

        if (refusal is null) Assert.Equal("2×3", Text(ShapeInference.Infer(model, inputs)["y"]));
        else Assert.Equal(refusal, Assert.Throws<OnnxModelException>(() => ShapeInference.Infer(model, inputs)).Message);
    }

    static string Shape(ValueInfoProto[] inputs, TensorProto[] weights, NodeProto node)
    {
        var shapes = ShapeInference.Infer(Model(inputs, weights, node), new InputShapes());
        return shapes["y"] is null ? shapes.WhyUnknown("y")! : Text(shapes["y"]);
    }

    static OnnxModel Model(ValueInfoProto[] inputs, TensorProto[] weights, NodeProto node) => TestModel.Of(13, inputs, [NodeBuilder.Value("y", ElementType.Float32, [])], weights, node);

    static string Text(ValueShape? shape) => shape is null ? "unknown" : string.Join("×", shape.Dimensions);

    // "strides=2,2 auto_pad=VALID"
    static NodeProto Node(string operation, string inputs, string attributes)
    {
        var node = TestModel.Node(operation, inputs, "y");
        foreach (string attribute in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = attribute.Split('=');
            if (parts[0] == "auto_pad") node.With(parts[0], parts[1]);
            else if (parts[0] is "group" or "ceil_mode" or "axis" or "blocksize") node.With(parts[0], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
            else node.With(parts[0], parts[1].Split(',').Select(text => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray());
        }

        return node;
    }
}
