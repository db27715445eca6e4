using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Sparsity;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

public sealed class SparseWeightsTests
{
    const int Channels = 32;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string> Quantizations() => new(MethodCatalog.Grid.Where(method => !method.TreatsWholeNetwork && method.Name is not "dynamic-int8").Select(method => method.ToText()));

    // The effective weight of a convolution is what the variant gives for single ones: zeros must still be there.
    [Theory]
    [MemberData(nameof(Quantizations))]
    public void Zeros_survive_every_quantization(string text)
    {
        var model = Model([Value("x", ElementType.Float32, -1, Channels, 4, 4)], ["y"], Node("Conv", ["x", "w"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [Channels, Channels, 1, 1], Numbers(Channels * Channels, 1)));
        var method = MethodCatalog.Grid.Single(method => method.ToText() == text);
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([8, Channels, 4, 4], Numbers(8 * Channels * 16, 2)) };
        var sparse = Compressor.Apply(model, new Recipe([new SparseWeights().ToStep("y")]));
        float[] zeros = EffectiveWeight(sparse.Model);
        var recipe = new Recipe([method.ToStep("y")]);

        // Without samples the mask depends on the weights alone, so that the sparse network itself can be taken for the baseline.
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        MomentCollector.Collect(Runtime, sparse.Model, [new SampleBatch(inputs, null, 8)], Compressor.RequiredMoments(sparse.Model, recipe), (form, known) => moments.Add(form.Key, known),
            cancellation: TestContext.Current.CancellationToken);
        var statistics = ActivationCollector.Collect(Runtime, sparse.Model, [new SampleBatch(inputs, null, 8)], Compressor.RequiredActivations(sparse.Model, recipe), cancellation: TestContext.Current.CancellationToken);

        var variant = Compressor.Apply(sparse.Model, recipe, statistics, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));

        float[] weight = EffectiveWeight(variant.Model);
        int count = 0;
        for (int i = 0; i < zeros.Length; i++)
        {
            if (zeros[i] != 0) continue;
            Assert.Equal(0, weight[i], 1e-6);
            count++;
        }

        Assert.Equal(Channels * Channels / 2, count);
    }

    [Fact]
    public void Variant_says_that_zeros_do_not_pay_by_themselves()
    {
        var model = Model([Value("x", ElementType.Float32, 4, Channels)], ["y"], Node("MatMul", ["x", "w"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [Channels, Channels], Numbers(Channels * Channels, 1)));

        var variant = Compressor.Apply(model, new Recipe([new SparseWeights { SparsityPercent = 70 }.ToStep("*")]));

        var finding = Assert.Single(variant.Findings, finding => finding.Code == "weights-pruned");
        Assert.Contains("716 of 1024 weights are 0", finding.Message, StringComparison.Ordinal);
        Assert.Contains("file and time stay", finding.Message, StringComparison.Ordinal);
    }

    static float[] EffectiveWeight(OnnxModel model)
    {
        using var session = Runtime.Open(model, new SessionSettings());
        float[] ones = new float[Channels * Channels * 16];
        for (int i = 0; i < Channels; i++) ones[(i * Channels + i) * 16] = 1;
        float[] outputs = session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([Channels, Channels, 4, 4], ones) })["y"].Values<float>().ToArray();
        float[] off = session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, Channels, 4, 4], new float[Channels * 16]) })["y"].Values<float>().ToArray();
        float[] weight = new float[Channels * Channels];
        for (int c = 0; c < Channels; c++)
        {
            for (int i = 0; i < Channels; i++) weight[c * Channels + i] = outputs[(i * Channels + c) * 16] - off[c * 16];
        }

        return weight;
    }
}
