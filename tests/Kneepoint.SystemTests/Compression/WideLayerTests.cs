using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Layers that sum more products than a matrix of moments is taken of.</summary>
public sealed class WideLayerTests
{
    const int Samples = 64;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData("MatMul", 6144, 6)]
    [InlineData("Gemm, transposed", 25088, 25)]
    [InlineData("Conv", 640, 10)]
    public void Moments_are_taken_in_slices(string kind, int channels, int slices)
    {
        var layer = Compressor.LayersOf(Network(kind, channels)).Single();

        var form = InputForm.Of(layer, out string? reason);

        Assert.Null(reason);
        Assert.Equal((slices, (int?)layer.ReductionLength), (form!.Groups, form.SlicedColumns));
        Assert.Equal(0, form.Columns % 64);
    }

    [Theory]
    [InlineData("MatMul", 5119, null)]
    [InlineData("MatMul", 5120, null)]
    [InlineData("MatMul", 70000, "sums 70000 products, too many")]
    public void What_is_too_wide_for_that_is_said(string kind, int channels, string? expected)
    {
        var form = InputForm.Of(Compressor.LayersOf(Network(kind, channels)).Single(), out string? reason);

        Assert.Equal(expected is null, form is { SlicedColumns: null });
        if (expected is not null) Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_has_the_moments_of_its_columns()
    {
        var model = Network("MatMul", 10);
        var batch = new SampleBatch(Fed("MatMul", 10), null, Samples);
        InputForm whole = new("x", InputKind.LastAxis, 1, 10, null), sliced = new("x", InputKind.LastAxis, 3, 4, null) { SlicedColumns = 10 };
        var found = new Dictionary<InputForm, InputMoments>();

        MomentCollector.Collect(Runtime, model, [batch], [whole, sliced], (form, moments) => found.Add(form, moments.All()), cancellation: TestContext.Current.CancellationToken);

        for (int i = 0; i < 12; i++)
        {
            for (int j = i; j < 12 && j / 4 == i / 4; j++) Assert.Equal(j < 10 ? found[whole].Products(0)[i * 10 + j] : 0, found[sliced].Products(i / 4)[i % 4 * 4 + j % 4], 1e-4);
        }
    }

    [Theory]
    [InlineData("MatMul", 5248)]
    [InlineData("Gemm, transposed", 5248)]
    [InlineData("Conv", 640)]
    public void Weights_in_blocks_are_rounded_by_the_slices_and_lose_less(string kind, int channels)
    {
        var (model, inputs) = (Network(kind, channels), Fed(kind, channels));
        double[] decibels = [.. new[] { WeightRounding.Nearest, WeightRounding.Data }.Select(rounding =>
        {
            var recipe = new Recipe([new BlockWeights { Bits = 3, BlockSize = 64, Rounding = rounding }.ToStep(Step.WholeNetwork)]);
            var variant = Compressor.Apply(model, recipe, new OneBatch(model, inputs, Samples));
            Assert.DoesNotContain(variant.Findings, finding => finding.Code == "rounded-to-nearest");
            return Sqnr(model, variant, inputs);
        })];

        Assert.InRange(decibels[1], decibels[0] + 3, double.PositiveInfinity);
    }

    [Fact]
    public void One_scale_for_a_channel_lies_over_slices_and_is_rounded_to_nearest_with_a_finding()
    {
        var (model, inputs) = (Network("MatMul", 5248), Fed("MatMul", 5248));

        var variant = Compressor.Apply(model, new Recipe([new WeightInt8 { Rounding = WeightRounding.Data }.ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));

        Assert.Contains(variant.Findings, finding => finding.Code == "rounded-to-nearest" && finding.Message.Contains("in slices of 1024", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_other_method_takes_a_wide_layer()
    {
        var (model, inputs) = (Network("MatMul", 5248), Fed("MatMul", 5248));
        var values = inputs["x"].Values<float>().ToArray();
        for (int i = 7; i < values.Length; i += 5248) values[i] *= 300;
        inputs["x"] = Tensor.Of([Samples, 5248], values);
        foreach (var method in MethodCatalog.Usual.Where(method => method.Name is not ("equalize" or "renormalize" or "prune-channels" or "low-rank" or "compact" or "fold-batch-norm")))
        {
            var variant = Compressor.Apply(model, new Recipe([method.ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, Samples));

            Assert.InRange(Sqnr(model, variant, inputs), 3, double.PositiveInfinity);
        }
    }

    static OnnxModel Network(string kind, int channels)
    {
        bool isConv = kind == "Conv";
        var node = kind switch
        {
            "Conv" => Node("Conv", ["x", "w"], ["y"]),
            "MatMul" => Node("MatMul", ["x", "w"], ["y"]),
            _ => Node("Gemm", ["x", "w"], ["y"], Int("transB", 1)),
        };
        long[] weight = kind switch { "Conv" => [8, channels, 3, 3], "MatMul" => [channels, 8], _ => [8, channels] };
        var model = Model([isConv ? Value("x", ElementType.Float32, -1, channels, 4, 4) : Value("x", ElementType.Float32, -1, channels)], ["y"], node);
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, weight, Numbers((int)weight.Aggregate(1L, (a, b) => a * b), 1)));
        return model;
    }

    // Neighbors say nearly the same: what one loses another can make up for.
    static Dictionary<string, Tensor> Fed(string kind, int channels)
    {
        int inner = kind == "Conv" ? 16 : 1;
        float[] causes = Numbers(Samples * 16, 3), noise = Numbers(Samples * channels * inner, 4);
        float[] values = [.. noise.Select((number, i) => causes[i / (channels * inner) * 16 + i / inner % channels % 16] + 0.2f * number)];
        return new Dictionary<string, Tensor> { ["x"] = Tensor.Of(kind == "Conv" ? [Samples, channels, 4, 4] : [Samples, channels], values) };
    }

    static double Sqnr(OnnxModel model, CompressedNetwork variant, Dictionary<string, Tensor> inputs)
    {
        using var before = Runtime.Open(model, new SessionSettings());
        using var after = Runtime.Open(variant.Model, new SessionSettings());
        return OutputComparison.Of(after.Run(inputs), before.Run(inputs), Samples).SqnrDecibels;
    }
}
