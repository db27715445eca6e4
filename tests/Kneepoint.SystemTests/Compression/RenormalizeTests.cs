using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Repair;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Cut networks whose channels get back the mean and the spread that they had.</summary>
public sealed class RenormalizeTests
{
    const int Samples = 16;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly Step Cut = new PruneChannels { RatioPercent = 50, IsRefitted = false, Multiple = 1 }.ToStep(Step.WholeNetwork);
    static readonly Step Again = new Renormalize().ToStep(Step.WholeNetwork);

    [Theory]
    [InlineData(11, 1)]
    [InlineData(18, 1)]
    [InlineData(18, 4)]
    public void Every_channel_left_has_its_mean_and_spread_again(int opset, int group)
    {
        var (model, inputs) = Chain(opset, group);

        var (cut, whole) = (Compressor.Apply(model, new Recipe([Cut]), new OneBatch(model, inputs, Samples)), Compressor.Apply(model, new Recipe([Cut, Again]), new OneBatch(model, inputs, Samples)));

        var (expected, without, with) = (Statistics(model, inputs), Statistics(cut.Model, inputs), Statistics(whole.Model, inputs));
        Assert.Contains(expected.Zip(without), pair => Math.Abs(pair.First.Deviation / pair.Second.Deviation - 1) > 0.02);
        Assert.All(expected.Zip(with), pair =>
        {
            Assert.Equal(pair.First.Mean, pair.Second.Mean, 1e-3);
            Assert.Equal(1, pair.Second.Deviation / pair.First.Deviation, 1e-3);
        });
    }

    [Fact]
    public void Scaled_channels_are_not_given_their_former_spread()
    {
        var (model, inputs) = Chain(18, 1);
        var recipe = new Recipe([new Equalize().ToStep(Step.WholeNetwork), Again]);

        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(model, recipe, new OneBatch(model, inputs, Samples)));

        Assert.Contains("undoes 'equalize'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("renormalize", "prune-channels", "the order is equalize, prune, factor, split, sparsify, renormalize")]
    [InlineData("sparse-weights", "low-rank", "the order is")]
    [InlineData("low-rank", "equalize", "the order is")]
    [InlineData("weight-int8", "low-rank", "what is quantized or compacted can no longer be restructured")]
    public void Steps_in_an_unsound_order_are_refused_with_what_to_do(string first, string second, string reason)
    {
        var recipe = new Recipe([.. new[] { first, second }.Select(name => MethodCatalog.Usual.Single(method => method.Name == name).ToStep(Step.WholeNetwork))]);

        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(Chain(18, 1).Model, recipe));

        Assert.StartsWith($"Step '{second}' stands behind '{first}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Put it before.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_samples_it_is_refused()
    {
        var exception = Assert.Throws<RecipeNotApplicableException>(() => Compressor.Apply(Chain(18, 1).Model, new Recipe([Again])));

        Assert.Contains("no convolution", exception.Message, StringComparison.Ordinal);
    }

    static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Chain(int opset, int group)
    {
        var model = Model([Value("x", ElementType.Float32, Samples, 3, 8, 8)], ["y"],
            Node("Conv", ["x", "wa", "ba"], ["a"]), Node("Relu", ["a"], ["ar"]), Node("Conv", ["ar", "wb"], ["b"], Int("group", group)), Node("Relu", ["b"], ["br"]),
            Node("Conv", ["br", "wc", "bc"], ["y"]));
        model.Proto.OpsetImport[0].Version = opset;
        model.Graph.Initializer.Add(Weight("wa", ElementType.Float32, [16, 3, 3, 3], Numbers(16 * 27, 1)));
        model.Graph.Initializer.Add(Weight("ba", ElementType.Float32, [16], Numbers(16, 2)));
        model.Graph.Initializer.Add(Weight("wb", ElementType.Float32, [16, 16 / group, 1, 1], Numbers(256 / group, 3)));
        model.Graph.Initializer.Add(Weight("wc", ElementType.Float32, [5, 16, 1, 1], Numbers(80, 4)));
        model.Graph.Initializer.Add(Weight("bc", ElementType.Float32, [5], Numbers(5, 5)));
        return (model, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([Samples, 3, 8, 8], Numbers(Samples * 3 * 64, 9)) });
    }

    static (double Mean, double Deviation)[] Statistics(OnnxModel model, Dictionary<string, Tensor> inputs)
    {
        using var session = Runtime.Open(model, new SessionSettings());
        float[] values = session.Run(inputs)["y"].Values<float>().ToArray();
        const int places = 36;
        return [.. Enumerable.Range(0, 5).Select(channel =>
        {
            double[] all = [.. values.Where((_, i) => i / places % 5 == channel).Select(value => (double)value)];
            double mean = all.Average();
            return (mean, Math.Sqrt(all.Average(value => (value - mean) * (value - mean))));
        })];
    }
}
