using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Weights as multiples of a step, at one price for a bit: networks that run, and whose packed files shrink.</summary>
public sealed class RateConstrainedTests
{
    [Theory]
    [InlineData("convolutions")]
    [InlineData("residual and depthwise")]
    [InlineData("matrices")]
    [InlineData("matrices from the left")]
    [InlineData("recurrent")]
    [InlineData("inside and around an If")]
    public void A_higher_price_makes_smaller_packed_files_and_larger_errors(string kind)
    {
        var (model, inputs) = SuccessiveRoundingTests.Network(kind, 17);

        var made = new[] { 1e-12, 1e-10, 1e-8 }.Select(price => Apply(model, inputs, new RateConstrainedWeights { Price = price })).ToList();

        long[] bytes = [.. made.Select(network => PackedModel.Pack(network.Model.Proto.ToByteArray()).LongLength)];
        double[] decibels = [.. made.Select(network => SuccessiveRoundingTests.Sqnr(model, network, inputs))];
        Assert.True(bytes[0] > bytes[1] && bytes[1] > bytes[2], string.Join(", ", bytes));
        Assert.True(decibels[0] > decibels[1] && decibels[1] > decibels[2], string.Join(", ", decibels));
        Assert.True(bytes[2] < PackedModel.Pack(model.Proto.ToByteArray()).LongLength / 3);
    }

    [Theory]
    [InlineData("convolutions")]
    [InlineData("residual and depthwise")]
    [InlineData("matrices")]
    public void In_succession_the_same_price_leaves_less_error(string kind)
    {
        var (model, inputs) = SuccessiveRoundingTests.Network(kind, 17);

        double Decibels(bool isFitted) => SuccessiveRoundingTests.Sqnr(model, Apply(model, inputs, new RateConstrainedWeights { Price = 1e-9, IsFittedInSuccession = isFitted }), inputs);

        Assert.True(Decibels(true) > Decibels(false));
    }

    [Fact]
    public void Every_weight_is_a_multiple_of_one_step()
    {
        var (model, inputs) = SuccessiveRoundingTests.Network("residual and depthwise", 17);

        var network = Apply(model, inputs, new RateConstrainedWeights { Price = 1e-9 });

        foreach (var layer in Compressor.LayersOf(network.Model))
        {
            float[] values = TensorData.ReadFloat32(layer.Weight, network.Model);
            float step = values.Where(value => value != 0).Min(Math.Abs);
            Assert.All(values, value => Assert.Equal(0, Math.IEEERemainder(value, step / 4), 1e-6));
            Assert.InRange(values.Distinct().Count(), 2, 512);
        }
    }

    [Fact]
    public void Cut_networks_are_rounded_as_they_are_left()
    {
        var (model, inputs) = SuccessiveRoundingTests.Network("convolutions", 17);
        var recipe = new Recipe([new PruneChannels { RatioPercent = 30, Multiple = 1 }.ToStep(Step.WholeNetwork), new RateConstrainedWeights { Price = 1e-10 }.ToStep(Step.WholeNetwork)]);

        var network = Compressor.Apply(model, recipe, new OneBatch(model, inputs, SuccessiveRoundingTests.Samples));
        var cut = Compressor.Apply(model, new Recipe([recipe.Steps[0]]), new OneBatch(model, inputs, SuccessiveRoundingTests.Samples));

        Assert.True(SuccessiveRoundingTests.Sqnr(cut.Model, network, inputs) > 15);
        Assert.True(PackedModel.Pack(network.Model.Proto.ToByteArray()).Length < PackedModel.Pack(cut.Model.Proto.ToByteArray()).Length / 3);
    }

    [Fact]
    public void Without_samples_all_errors_count_alike_and_the_network_still_runs()
    {
        var (model, inputs) = SuccessiveRoundingTests.Network("convolutions", 17);

        var network = Compressor.Apply(model, new Recipe([new RateConstrainedWeights { Price = 1e-6 }.ToStep(Step.WholeNetwork)]));

        Assert.True(SuccessiveRoundingTests.Sqnr(model, network, inputs) > 20);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1")]
    [InlineData("NaN")]
    [InlineData("cheap")]
    [InlineData("1e-400")]
    public void A_price_that_is_none_is_refused(string price)
    {
        var step = new RateConstrainedWeights().ToStep(Step.WholeNetwork) with { Options = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("price", price) };

        var exception = Assert.Throws<RecipeNotApplicableException>(() => MethodCatalog.Parse(step));

        Assert.Contains($"found '{price}'", exception.Message, StringComparison.Ordinal);
    }

    static CompressedNetwork Apply(OnnxModel model, Dictionary<string, Tensor> inputs, RateConstrainedWeights method) =>
        Compressor.Apply(model, new Recipe([method.ToStep(Step.WholeNetwork)]), new OneBatch(model, inputs, SuccessiveRoundingTests.Samples));
}
