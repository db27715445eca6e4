using Google.Protobuf;
using Kneepoint.Calibration;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Compression;

public sealed class CompressorTests
{
    [Fact]
    public void The_empty_recipe_gives_the_baseline_itself()
    {
        var baseline = TwoConvolutions();

        var made = Compressor.Apply(baseline, Recipe.Baseline);

        Assert.Same(baseline, made.Model);
        Assert.Empty(made.Layers);
    }

    [Fact]
    public void The_baseline_is_not_changed()
    {
        var baseline = TwoConvolutions();
        byte[] before = baseline.Proto.ToByteArray();

        Compressor.Apply(baseline, Of(new WeightInt8()));
        Compressor.Apply(baseline, Of(new StaticInt8()), Statistics());

        Assert.Equal(before, baseline.Proto.ToByteArray());
    }

    [Fact]
    public void The_same_recipe_gives_the_same_bytes()
    {
        byte[] Make() => Compressor.Apply(TwoConvolutions(), Of(new StaticInt8 { Range = RangeMethod.MseOptimal }), Statistics()).Model.Proto.ToByteArray();

        Assert.Equal(Make(), Make());
    }

    [Fact]
    public void Static_int8_asks_for_the_input_and_for_what_layers_give_after_their_activation() =>
        Assert.Equal(["x", "b", "y"], Compressor.RequiredActivations(TwoConvolutions(), Of(new StaticInt8())));

    [Fact]
    public void Weight_only_methods_ask_for_nothing() => Assert.Empty(Compressor.RequiredActivations(TwoConvolutions(), Of(new WeightInt8())));

    [Fact]
    public void A_step_on_one_layer_leaves_the_others()
    {
        var made = Compressor.Apply(TwoConvolutions(), new Recipe([new WeightInt8().ToStep("a")]));

        var treated = Assert.Single(made.Layers);
        Assert.Equal(("a", "Conv", "weight-int8", 8), (treated.Layer, treated.OpType, treated.Method, treated.WeightBits));
    }

    [Theory]
    [InlineData("""{"steps":[{"method":"weight-int9","layers":["*"]}]}""", "There is no method 'weight-int9'")]
    [InlineData("""{"steps":[{"method":"weight-int8","layers":["*"],"options":{"speed":"9"}}]}""", "has no option 'speed'; it has kernel, rounding, weight-range")]
    [InlineData("""{"steps":[{"method":"weight-int8","layers":["*"],"options":{"weight-range":"max"}}]}""", "is one of maxabs, mse, not 'max'")]
    [InlineData("""{"steps":[{"method":"static-int8","layers":["*"],"options":{"range":"median"}}]}""", "range=minmax")]
    [InlineData("""{"steps":[{"method":"weight-int8","layers":["nowhere"]}]}""", "names the layer 'nowhere'")]
    [InlineData("""{"steps":[{"method":"weight-int8","layers":["a"]},{"method":"weight-int8","layers":["a"]}]}""", "quantizes each layer once")]
    [InlineData("""{"steps":[{"method":"compact","layers":["a"]}]}""", "treats the whole network")]
    public void A_recipe_that_does_not_apply_is_refused_with_the_reason(string recipe, string reason)
    {
        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(TwoConvolutions(), Recipe.Parse(recipe), Statistics()));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_range_is_named()
    {
        var exception = Assert.Throws<RecipeNotApplicableException>(() =>
            Compressor.Apply(TwoConvolutions(), Of(new StaticInt8()), new ActivationStatistics([], 0)));

        Assert.Contains("'x'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_layers_that_no_step_treats_are_said_to_stay_in_float()
    {
        var network = TestModel.Of(13,
            [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Float("y", 1, 2, 6, 6)],
            [TestModel.Weight("w1", 4, 3, 3, 3), TestModel.Weight("w2", 2, 4, 1, 1), TestModel.Weight("w3", 6, 6)],
            TestModel.Node("Conv", "x w1", "a"), TestModel.Node("Conv", "a w2", "b"), TestModel.Node("MatMul", "b w3", "y"));
        var everything = new DynamicInt8().ToStep("*");

        var mixed = Compressor.Apply(network, new Recipe([everything, new WeightInt8().ToStep("a")]));
        var whole = Compressor.Apply(network, new Recipe([everything, new WeightInt8().ToStep("a", "b")]));

        var finding = Assert.Single(mixed.Findings, finding => finding.Code == "kept-in-float");
        Assert.StartsWith("'b' (Conv) stays", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(whole.Findings, finding => finding.Code == "kept-in-float");
    }

    [Fact]
    public void Every_method_of_the_grid_comes_back_from_its_step()
    {
        foreach (var method in MethodCatalog.Grid.AddRange(MethodCatalog.Restructuring)) Assert.Equal(method, MethodCatalog.Parse(method.ToStep("*")));
    }

    static Recipe Of(CompressionMethod method) => new([method.ToStep("*")]);

    static OnnxModel TwoConvolutions() => TestModel.Of(13,
        [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Float("y", 1, 2, 6, 6)],
        [TestModel.Weight("w1", 4, 3, 3, 3), TestModel.Weight("b1", 4), TestModel.Weight("w2", 2, 4, 1, 1)],
        TestModel.Node("Conv", "x w1 b1", "a"), TestModel.Node("Relu", "a", "b"), TestModel.Node("Conv", "b w2", "y"));

    static ActivationStatistics Statistics()
    {
        var histograms = new Dictionary<string, ActivationHistogram>();
        foreach (string name in new[] { "x", "b", "y" })
        {
            var histogram = new ActivationHistogram();
            histogram.Add(Enumerable.Range(0, 500).Select(i => MathF.Sin(i) * 2 + (name == "b" ? 2 : 0)).ToArray());
            histograms.Add(name, histogram);
        }

        return new ActivationStatistics(histograms, 1);
    }
}
