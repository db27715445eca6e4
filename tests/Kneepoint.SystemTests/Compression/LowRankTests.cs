using Kneepoint.Compression;
using Kneepoint.Compression.LowRank;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Layers whose weights have a low rank: two smaller ones compute the same, whatever the layer's attributes.</summary>
public sealed class LowRankTests
{
    const int Rank = 2;
    const double LeastDecibels = 90;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string> Layers() =>
    [
        "1x1", "3x3", "strides", "dilations", "uneven pads", "same upper", "Conv over one axis", "Gemm", "Gemm transposed", "Gemm scaled", "Gemm of operator set 7", "MatMul", "MatMul of a batch", "MatMul from the left",
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Product_computes_what_the_layer_computes(string name) => Check(name, LowRankForm.Product, separable: false);

    [Theory]
    [InlineData("3x3")]
    [InlineData("strides")]
    [InlineData("dilations")]
    [InlineData("uneven pads")]
    [InlineData("same upper")]
    public void Window_of_a_column_then_of_a_row_computes_what_the_layer_computes(string name) => Check(name, LowRankForm.Spatial, separable: true);

    [Theory]
    [InlineData("weight-int8")]
    [InlineData("weight-int4")]
    [InlineData("fp16-weights")]
    public void Steps_behind_treat_both_factors(string method)
    {
        var (model, inputs) = Network("3x3", separable: false);
        var recipe = new Recipe([new LowRankFactoring { Error = 0.001, Form = LowRankForm.Product }.ToStep("y"), MethodCatalog.Grid.First(one => one.Name == method).ToStep("y")]);

        var variant = Compressor.Apply(model, recipe);

        Assert.Equal(2, variant.Layers.Length);
        Assert.All(variant.Layers, layer => Assert.Contains(method, layer.Method, StringComparison.Ordinal));
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        session.Run(inputs);
    }

    [Fact]
    public void Network_of_full_rank_is_refused_with_what_to_do()
    {
        var model = Model([Value("x", ElementType.Float32, 4, 16)], ["y"], Node("MatMul", ["x", "w"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [16, 16], Numbers(256, 1)));

        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(model, new Recipe([new LowRankFactoring().ToStep("*")])));

        Assert.Contains("Allow a larger 'error'", exception.Message, StringComparison.Ordinal);
    }

    static void Check(string name, LowRankForm form, bool separable)
    {
        var (model, inputs) = Network(name, separable);
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);

        var variant = Compressor.Apply(model, new Recipe([new LowRankFactoring { Error = 0.001, Form = form }.ToStep("*")]));

        Assert.Equal(2, variant.Model.Graph.Node.Count(node => node.OpType is "Conv" or "Gemm" or "MatMul"));
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        var actual = session.Run(inputs);
        Assert.Equal(expected["y"].Dimensions, actual["y"].Dimensions);
        double decibels = OutputComparison.Of(actual, expected, (int)expected["y"].Dimensions[0]).SqnrDecibels;
        Assert.True(decibels > LeastDecibels, $"{decibels} dB");
    }

    static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network(string name, bool separable)
    {
        string[] three = ["x", "w", "b"];
        long[] image = [2, 12, 9, 11], kernel = [16, 12, 3, 3];
        var (node, input, weight) = name switch
        {
            "1x1" => (Node("Conv", three, ["y"]), image, [16, 12, 1, 1]),
            "3x3" => (Node("Conv", three, ["y"], Ints("pads", 1, 1, 1, 1)), image, kernel),
            "strides" => (Node("Conv", three, ["y"], Ints("pads", 1, 1, 1, 1), Ints("strides", 2, 3)), image, kernel),
            "dilations" => (Node("Conv", three, ["y"], Ints("dilations", 2, 3)), image, kernel),
            "uneven pads" => (Node("Conv", three, ["y"], Ints("pads", 0, 1, 2, 3)), image, kernel),
            "same upper" => (Node("Conv", three, ["y"], Ints("strides", 2, 2)).With("auto_pad", "SAME_UPPER"), image, kernel),
            "Conv over one axis" => (Node("Conv", three, ["y"], Ints("pads", 2, 1)), [2, 12, 20], [16, 12, 4]),
            "Gemm" or "Gemm of operator set 7" => (Node("Gemm", three, ["y"]), [5, 12], [12, 16]),
            "Gemm transposed" => (Node("Gemm", three, ["y"], Int("transA", 1), Int("transB", 1)), [12, 5], [16, 12]),
            "Gemm scaled" => (Node("Gemm", three, ["y"]).With("alpha", 0.5f).With("beta", 3f), [5, 12], [12, 16]),
            "MatMul" => (Node("MatMul", ["x", "w"], ["y"]), [5, 12], [12, 16]),
            "MatMul of a batch" => (Node("MatMul", ["x", "w"], ["y"]), [2, 3, 5, 12], [12, 16]),
            "MatMul from the left" => (Node("MatMul", ["w", "x"], ["y"]), [2, 12, 5], new long[] { 16, 12 }),
            _ => throw new ArgumentException(name),
        };
        var model = Model([Value("x", ElementType.Float32, input)], ["y"], node);
        if (name.EndsWith(" 7", StringComparison.Ordinal)) model.Proto.OpsetImport[0].Version = 7;
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, weight, separable ? Separable(weight) : LowRank(weight)));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [16], Numbers(16, 7)));
        return (model, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(input, Numbers((int)input.Aggregate(1L, (a, b) => a * b), 9)) });
    }

    static float[] LowRank(long[] dimensions)
    {
        int rows = (int)dimensions[0], columns = (int)dimensions.Skip(1).Aggregate(1L, (a, b) => a * b);
        float[] left = Numbers(rows * Rank, 1), right = Numbers(columns * Rank, 2);
        return [.. Enumerable.Range(0, rows * columns).Select(i => Enumerable.Range(0, Rank).Sum(r => left[i / columns * Rank + r] * right[r * columns + i % columns]))];
    }

    // Σ_r B[n, r, j] · A[r, c, i].
    static float[] Separable(long[] dimensions)
    {
        (int channels, int height, int width) = ((int)dimensions[1], (int)dimensions[2], (int)dimensions[3]);
        float[] first = Numbers(Rank * channels * height, 3), second = Numbers((int)dimensions[0] * Rank * width, 4);
        float[] weight = new float[dimensions[0] * channels * height * width];
        for (int at = 0; at < weight.Length; at++)
        {
            int j = at % width, i = at / width % height, c = at / (width * height) % channels, n = at / (width * height * channels);
            for (int r = 0; r < Rank; r++) weight[at] += second[(n * Rank + r) * width + j] * first[(r * channels + c) * height + i];
        }

        return weight;
    }
}
