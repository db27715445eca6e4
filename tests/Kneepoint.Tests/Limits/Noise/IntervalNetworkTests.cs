using System.Collections.Immutable;
using Kneepoint.Limits.Noise;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Limits.Noise;

/// <summary>Intervals contain what every network of the box gives. Weights and inputs are small binary fractions, so that the plain pass is exact where only sums,
/// products and choices are made.</summary>
public sealed class IntervalNetworkTests
{
    const double Grid = 1.0 / (1 << 12);

    // Of functions and quotients, which the plain pass rounds.
    const double Rounded = 1e-13;

    public static TheoryData<string, double> Networks => new()
    {
        { "dense", 0 }, { "products and sums", 0 }, { "convolution", 0 }, { "strides and odd pads", 0 }, { "groups", 0 }, { "depthwise", 0 }, { "dilations", 0 },
        { "largest", 0 }, { "means", Rounded }, { "clip and slopes", Rounded }, { "smooth", Rounded }, { "branches", 0 }, { "normalization", Rounded }, { "scaled", Rounded },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Outputs_of_all_networks_in_the_box_lie_in_the_intervals(string name, double tolerance)
    {
        var model = Network(name);
        var network = Compiled(model);
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            double[] input = [.. Enumerable.Range(0, InputCount(model)).Select(_ => random.Next(-64, 65) / 64.0)];
            double radius = random.Next(0, 5) * 16 * Grid;
            var output = network.Run(Feed(model, input), 0, Box(model, random, radius, out var radii));
            for (int draw = 0; draw < 12; draw++)
            {
                double[] scores = PlainNetwork.Run(model, new() { ["x"] = input }, Draw(model, radii, random, isCorner: draw % 2 == 0));
                for (int i = 0; i < scores.Length; i++) Assert.InRange(scores[i], output.Low(i) - tolerance, output.High(i) + tolerance);
                for (int i = 0; i < scores.Length; i++)
                {
                    double lead = scores.Where((_, k) => k != i).Min(other => scores[i] - other);
                    Assert.True(lead >= output.LeastLead(i) - tolerance, $"{name}, seed {seed}: class {i} leads by {lead}, at least {output.LeastLead(i)} was stated.");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Exact_weights_give_tiny_intervals_around_the_exact_outputs(string name, double tolerance)
    {
        var model = Network(name);
        var network = Compiled(model);
        var random = new Random(1);
        double[] input = [.. Enumerable.Range(0, InputCount(model)).Select(_ => random.Next(-64, 65) / 64.0)];

        var output = network.Run(Feed(model, input), 0, WeightBox.Exact);

        double[] scores = PlainNetwork.Run(model, new() { ["x"] = input }, new Dictionary<string, double[]>());
        Assert.Equal(scores.Length, output.Count);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.InRange(scores[i], output.Low(i) - tolerance, output.High(i) + tolerance);
            Assert.InRange(output.High(i) - output.Low(i), 0, 1e-9 * (1 + Math.Abs(scores[i])));
        }
    }

    [Fact]
    public void One_dense_layer_has_exactly_the_interval_of_the_formula()
    {
        // Both ends of c ± Δ/2·‖x‖₁ are reached, so nothing narrower would be true.
        var model = Of(17, [Float("x", 1, 3)], [Float("y", 1, 2)], [Values("w", [3, 2], 1, 2, -0.5f, 1, 0.25f, -4), Values("b", [2], 0.5f, -1)], Node("Gemm", "x w b", "y"));
        var box = new WeightBox(ImmutableDictionary<string, LayerRadius>.Empty.Add("y", new LayerRadius([0.125, 0.5], 0.25)));

        var output = Compiled(model).Run(Feed(model, [1, -2, 4]), 0, box);

        Assert.Equal(3.5 - 0.125 * 7 - 0.25, output.Low(0), 1e-12);
        Assert.Equal(3.5 + 0.125 * 7 + 0.25, output.High(0), 1e-12);
        Assert.Equal(-17 - 0.5 * 7 - 0.25, output.Low(1), 1e-12);
        Assert.Equal(-17 + 0.5 * 7 + 0.25, output.High(1), 1e-12);
    }

    [Fact]
    public void The_last_layers_difference_is_bounded_more_tightly_than_two_scores()
    {
        var model = Network("dense");
        var network = Compiled(model);
        double[] input = [.. Enumerable.Range(0, InputCount(model)).Select(i => i % 7 / 8.0)];
        var output = network.Run(Feed(model, input), 0, Box(model, new Random(3), 8 * Grid, out _));
        for (int y = 0; y < output.Count; y++)
        {
            double apart = Enumerable.Range(0, output.Count).Where(i => i != y).Min(i => output.Low(y) - output.High(i));
            Assert.True(output.LeastLead(y) > apart);
        }
    }

    [Fact]
    public void A_final_softmax_changes_no_certificate()
    {
        var plain = Network("dense");
        var soft = Network("dense");
        soft.Graph.Node.Add(Node("Softmax", soft.Graph.Output[0].Name, "p"));
        soft.Graph.Output[0].Name = "p";
        double[] input = [.. Enumerable.Range(0, InputCount(plain)).Select(i => i % 5 / 8.0)];
        var box = Box(plain, new Random(5), 4 * Grid, out _);

        Assert.Equal(Compiled(plain).Run(Feed(plain, input), 0, box).LeastLead(1), Compiled(soft).Run(Feed(soft, input), 0, box).LeastLead(1));
    }

    [Fact]
    public void Wider_boxes_give_wider_intervals()
    {
        var model = Network("convolution");
        var network = Compiled(model);
        double[] input = [.. Enumerable.Range(0, InputCount(model)).Select(i => i % 9 / 8.0 - 0.5)];
        double last = -1;
        for (int step = 0; step < 6; step++)
        {
            var output = network.Run(Feed(model, input), 0, Box(model, new Random(1), step * Grid, out _));
            double width = output.High(0) - output.Low(0);
            Assert.True(width > last);
            last = width;
        }
    }

    [Fact]
    public void Samples_of_a_batch_are_judged_as_they_are_alone_with_any_number_of_threads()
    {
        var model = Network("convolution");
        var network = Compiled(model);
        var box = Box(model, new Random(1), Grid, out _);
        int size = InputCount(model);
        float[] batch = [.. Enumerable.Range(0, 9 * size).Select(i => i * 7919 % 128 / 128f)];
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([9, 2, 7, 8], batch) };

        var one = CertifiedMargin.Of(network, box, inputs, 9, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(one, CertifiedMargin.Of(network, box, inputs, 9, threads: 4, TestContext.Current.CancellationToken));
        for (int i = 0; i < 9; i++)
        {
            var alone = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, 2, 7, 8], batch.AsSpan(i * size, size)) };
            Assert.Equal(one[i], CertifiedMargin.Of(network.Run(alone, 0, box)));
        }
    }

    [Theory]
    [InlineData("Erf")]
    [InlineData("Softmax")]
    [InlineData("Abs")]
    public void An_operator_without_a_rule_is_named(string op)
    {
        var model = Of(17, [Float("x", 1, 4)], [Float("y", 1, 2)], [Weight("w", 4, 2)], Node(op, "x", "a"), Node("MatMul", "a w", "y"));

        Assert.False(IntervalNetwork.TryCompile(model, new InputShapes(), out _, out var reason));
        Assert.Equal(op, reason.Operator);
        Assert.Contains(op, reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Products_of_two_activations_and_inputs_of_integers_and_fixed_batches_are_refused()
    {
        Refused("MatMul", Of(17, [Float("x", 1, 4, 4)], [Float("y", 1, 4, 4)], [], Node("MatMul", "x x", "y")));
        Refused("Gather", Of(17, [Int64("x", 1, 3)], [Float("y", 1, 3, 2)], [Weight("w", 9, 2)], Node("Gather", "w x", "y")));
        Refused("", Of(17, [Float("x", 8, 4)], [Float("y", 8, 2)], [Weight("w", 4, 2)], Node("MatMul", "x w", "y")));
        Refused("", Of(17, [Float("x", 1, 4)], [Float("y", 1, 1)], [Weight("w", 4, 1)], Node("MatMul", "x w", "y")));
        Refused("LeakyRelu", Of(17, [Float("x", 1, 4)], [Float("y", 1, 4)], [], Node("LeakyRelu", "x", "y").With("alpha", -0.5f)));
        Refused("Add", Of(17, [Float("x", 1, 4)], [Float("z", 1, 4)], [Weight("w", 4, 4)], Node("MatMul", "x w", "y"), Node("Add", "y w", "z")));
    }

    [Fact]
    public void Boxes_and_inputs_that_do_not_fit_are_mistakes_of_the_caller()
    {
        var model = Network("dense");
        var network = Compiled(model);
        var input = Feed(model, new double[InputCount(model)]);
        var layers = ImmutableDictionary<string, LayerRadius>.Empty;

        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(input, 0, new WeightBox(layers.Add("nowhere", LayerRadius.Exact))));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(input, 0, new WeightBox(layers.Add("h", new LayerRadius([1.0, 2.0])))));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(input, 1, WeightBox.Exact));
        Assert.Throws<ArgumentException>(() => network.Run(new Dictionary<string, Tensor>(), 0, WeightBox.Exact));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerRadius([-1.0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerRadius([double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerRadius([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightBox.SymmetricAbsMax(model, 1));
    }

    [Fact]
    public void Inputs_that_are_no_numbers_certify_nothing()
    {
        var model = Network("dense");
        double[] input = new double[InputCount(model)];
        input[0] = double.NaN;

        Assert.False(CertifiedMargin.Of(Compiled(model).Run(Feed(model, input), 0, WeightBox.Exact)).IsCertified);
    }

    static void Refused(string op, OnnxModel model)
    {
        Assert.False(IntervalNetwork.TryCompile(model, new InputShapes(), out _, out var reason));
        Assert.Equal(op, reason.Operator);
    }

    static IntervalNetwork Compiled(OnnxModel model) =>
        IntervalNetwork.TryCompile(model, new InputShapes(), out var network, out var reason) ? network : throw new InvalidOperationException(reason.ToString());

    static int InputCount(OnnxModel model) => model.Graph.Input[0].Type.TensorType.Shape.Dim.Aggregate(1, (count, size) => count * (int)size.DimValue);

    static Dictionary<string, Tensor> Feed(OnnxModel model, double[] input) =>
        new() { ["x"] = Tensor.Of([.. model.Graph.Input[0].Type.TensorType.Shape.Dim.Select(size => size.DimValue)], [.. input.Select(v => (float)v)]) };

    // Half of the boxes have a radius for each channel.
    static WeightBox Box(OnnxModel model, Random random, double radius, out Dictionary<string, (WeightedLayer Layer, LayerRadius Radius)> radii)
    {
        bool isPerChannel = random.Next(2) == 0;
        radii = WeightedLayers.Find(model).Layers.ToDictionary(layer => layer.Id, layer => (layer, new LayerRadius(
            isPerChannel ? [.. Enumerable.Range(0, (int)layer.OutputChannels).Select(i => radius * (1 + i % 3))] : [radius])));
        return new WeightBox(radii.ToImmutableDictionary(entry => entry.Key, entry => entry.Value.Radius));
    }

    static Dictionary<string, double[]> Draw(OnnxModel model, Dictionary<string, (WeightedLayer Layer, LayerRadius Radius)> radii, Random random, bool isCorner)
    {
        var weights = new Dictionary<string, double[]>();
        foreach (var (layer, radius) in radii.Values)
        {
            long inner = layer.WeightDimensions.Skip(layer.OutputAxis + 1).Aggregate(1L, (product, size) => product * size);
            weights[layer.WeightName] = [.. TensorData.ReadFloat32(layer.Weight, model).Select((w, i) =>
            {
                int channel = (int)(i / inner % layer.OutputChannels), steps = (int)(radius.Weights[radius.Weights.Length == 1 ? 0 : channel] / Grid);
                return w + Grid * (isCorner ? random.Next(2) == 0 ? steps : -steps : random.Next(-steps, steps + 1));
            })];
        }

        return weights;
    }

    static TensorProto Values(string name, long[] dimensions, params float[] values) => TensorData.Write(name, Tensor.Of(dimensions, values));

    static OnnxModel Network(string name) => name switch
    {
        "dense" => Of(17, [Float("x", 1, 6)], [Float("y", 1, 4)], [Weight("w", 6, 5), Weight("b", 5), Weight("v", 4, 5), Weight("c", 4)],
            Node("Gemm", "x w b", "h"), Node("Relu", "h", "a"), Node("Gemm", "a v c", "y").With("transB", 1L)),
        "products and sums" => Of(17, [Float("x", 1, 6)], [Float("y", 1, 4)], [Weight("w", 6, 5), Weight("b", 5), Weight("v", 5, 4), Weight("c", 4)],
            Node("MatMul", "x w", "p"), Node("Add", "p b", "h"), Node("Relu", "h", "a"), Node("MatMul", "a v", "q"), Node("Add", "c q", "y")),
        "convolution" => Images([Weight("w", 4, 2, 3, 3), Weight("b", 4)], Node("Conv", "x w b", "c").With("pads", [1, 1, 1, 1]), "1 4 7 8"),
        "strides and odd pads" => Images([Weight("w", 3, 2, 2, 3)], Node("Conv", "x w", "c").With("strides", [2, 3]).With("pads", [1, 0, 0, 2]), "1 3 4 3"),
        "groups" => Images([Weight("w", 4, 1, 3, 2)], Node("Conv", "x w", "c").With("group", 2L).With("pads", [0, 1, 2, 0]), "1 4 7 8"),
        "depthwise" => Images([Weight("w", 2, 1, 3, 3), Weight("b", 2)], Node("Conv", "x w b", "c").With("group", 2L).With("strides", [1, 2]), "1 2 5 3"),
        "dilations" => Images([Weight("w", 2, 2, 2, 3)], Node("Conv", "x w", "c").With("dilations", [3, 2]).With("pads", [2, 2, 2, 2]), "1 2 8 8"),
        "largest" => Images([Weight("w", 2, 2, 1, 1)], Node("Conv", "x w", "d"), "1 2 4 4",
            Node("MaxPool", "d", "c").With("kernel_shape", [3, 2]).With("strides", [2, 2]).With("pads", [1, 0, 1, 0])),
        "means" => Images([Weight("w", 2, 2, 1, 1)], Node("Conv", "x w", "d"), "1 2 1 1",
            Node("AveragePool", "d", "e").With("kernel_shape", [3, 3]).With("strides", [2, 2]).With("pads", [1, 1, 1, 1]),
            Node("AveragePool", "e", "f").With("kernel_shape", [2, 2]).With("pads", [0, 0, 1, 1]).With("count_include_pad", 1L), Node("GlobalAveragePool", "f", "c")),
        "clip and slopes" => Images([Weight("w", 2, 2, 3, 3), Values("low", [], -0.25f), Values("high", [], 0.5f)], Node("Conv", "x w", "d"), "1 2 5 6",
            Node("LeakyRelu", "d", "e").With("alpha", 0.25f), Node("Clip", "e low high", "c")),
        "smooth" => Images([Weight("w", 2, 2, 3, 3), Weight("u", 2, 2, 1, 1)], Node("Conv", "x w", "d"), "1 2 5 6",
            Node("Tanh", "d", "e"), Node("Conv", "e u", "f"), Node("Sigmoid", "f", "g"), Node("Elu", "g", "h"), Node("HardSigmoid", "h", "c").With("alpha", 0.5f)),
        "branches" => Images([Weight("w", 2, 2, 3, 3), Weight("s", 1, 2, 1, 1)], Node("Conv", "x w", "d").With("pads", [1, 1, 1, 1]), "1 2 7 8",
            Node("Add", "d x", "e"), Node("Sub", "e s", "f"), Node("Mul", "f x", "c")),
        "normalization" => Images([Weight("w", 3, 2, 3, 3), Values("g", [3], 0.5f, 2, -1), Values("t", [3], 1, -1, 0.25f), Values("m", [3], 0.5f, 0, -2), Values("n", [3], 1, 0.1f, 3)],
            Node("Conv", "x w", "d"), "1 3 5 6", Node("BatchNormalization", "d g t m n", "c")),
        _ => Images([Weight("w", 2, 2, 3, 3), Values("k", [2, 1, 1], 3, -0.7f)], Node("Conv", "x w", "d"), "1 2 5 6", Node("Div", "d k", "e"), Node("Mul", "e k", "c")),
    };

    // The nodes make "c"; then come a Relu and a dense layer.
    static OnnxModel Images(TensorProto[] initializers, NodeProto first, string shape, params NodeProto[] others)
    {
        long count = shape.Split(' ').Aggregate(1L, (product, size) => product * long.Parse(size, null));
        return Of(17, [Float("x", 1, 2, 7, 8)], [Float("y", 1, 3)], [.. initializers, Weight("v", count, 3), Weight("z", 3)],
            [first, .. others, Node("Relu", "c", "r"), Node("Flatten", "r", "q"), Node("Gemm", "q v z", "y")]);
    }
}
