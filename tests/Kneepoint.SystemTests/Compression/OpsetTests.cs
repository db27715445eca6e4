using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.LowRank;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Repair;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Every method on a network of all layer types, in every operator set from 7 to 23.</summary>
public sealed class OpsetTests
{
    const int Oldest = 7;
    const int Newest = 23;
    const int Channels = 24;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<int> Opsets() => new(Enumerable.Range(Oldest, Newest - Oldest + 1));

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_method_gives_a_network_that_runs(int opset)
    {
        var model = NetworkOf(opset);
        using var baseline = Runtime.Open(model, new SessionSettings());
        var samples = new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of([4, 3, 8, 8], Numbers(4 * 3 * 64, 4)),
            ["ids"] = Tensor.Of([4], [3L, 1, 4, 1]),
        };
        var expected = baseline.Run(samples);
        foreach (var method in MethodCatalog.Grid)
        {
            var recipe = new Recipe([method.ToStep(Step.WholeNetwork)]);
            var statistics = ActivationCollector.Collect(Runtime, model, [new SampleBatch(samples, null, 4)], Compressor.RequiredActivations(model, recipe),
                cancellation: TestContext.Current.CancellationToken);

            var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
            MomentCollector.Collect(Runtime, model, [new SampleBatch(samples, null, 4)], Compressor.RequiredMoments(model, recipe), (form, known) => moments.Add(form.Key, known),
                cancellation: TestContext.Current.CancellationToken);

            var variant = Compressor.Apply(model, recipe, statistics, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));

            using var session = Runtime.Open(variant.Model, new SessionSettings());
            var comparison = OutputComparison.Of(session.Run(samples), expected, 4);
            Assert.Null(comparison.Rejection);
            if (ThisMachine.MaySaturate(variant)) continue;
            Assert.True(comparison.SqnrDecibels > LowestSqnr(variant), $"{method.ToText()}: {comparison.SqnrDecibels} dB");
        }
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_method_that_restructures_gives_a_network_that_runs_alone_and_before_others(int opset)
    {
        var model = NetworkOf(opset);
        var samples = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([4, 3, 8, 8], Numbers(4 * 3 * 64, 4)), ["ids"] = Tensor.Of([4], [3L, 1, 4, 1]) };
        var table = model.Graph.Initializer.Single(tensor => tensor.Name == "table");
        model.Graph.Initializer.Remove(table);
        model.Graph.Initializer.Add(Weight("table", ElementType.Float32, [8, 32], [.. Numbers(256, 9).Select((number, i) => i % 32 == 7 ? number * 50 : number)]));
        CompressionMethod?[] behind = [null, new StaticInt8(), new WeightInt8(), new BlockWeights(), new Fp16Network()];
        foreach (var (first, second) in MethodCatalog.Usual.OfType<RestructuringMethod>().SelectMany(first => behind.Select(second => (Parameters(first), second))))
        {
            var recipe = new Recipe([first.ToStep(Step.WholeNetwork), .. second is null ? [] : new[] { second.ToStep(Step.WholeNetwork) }]);

            var variant = Compressor.Apply(model, recipe, new OneBatch(model, samples, 4));

            using var session = Runtime.Open(variant.Model, new SessionSettings());
            Assert.All(session.Run(samples)["y"].Values<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
        }

        static CompressionMethod Parameters(RestructuringMethod method) => method switch
        {
            LowRankFactoring => new LowRankFactoring { Error = 0.1 },
            SplitOutliers => new SplitOutliers { Threshold = 3 },
            _ => method,
        };
    }

    static double LowestSqnr(CompressedNetwork variant) => variant.Layers.Select(layer => layer.WeightBits).DefaultIfEmpty(32).Min() switch
    {
        2 => 2,
        3 => 7,
        4 => 8,
        _ => 20,
    };

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Static_int8_fuses_convolutions_and_keeps_the_transposed_one(int opset)
    {
        var model = NetworkOf(opset);
        var recipe = new Recipe([new StaticInt8().ToStep(Step.WholeNetwork)]);
        var samples = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, 3, 8, 8], Numbers(3 * 64, 4)), ["ids"] = Tensor.Of([1], [3L]) };

        var variant = Compressor.Apply(model, recipe,
            ActivationCollector.Collect(Runtime, model, [new SampleBatch(samples, null, 1)], Compressor.RequiredActivations(model, recipe),
                cancellation: TestContext.Current.CancellationToken));

        var report = CaseNetwork.Inspect(variant);
        Assert.Empty(report.Findings);
        Assert.Equal(3, report.CountOf("QLinearConv"));
        Assert.Contains(variant.Findings, finding => finding.Message.Contains("'up' (ConvTranspose)", StringComparison.Ordinal));
        Assert.Contains(variant.Findings, finding => finding.Code == "batch-norm-folded");
    }

    // Three convolutions, the second depthwise, a normalization, a clip, a transposed convolution, Gemm, MatMul and a table.
    static OnnxModel NetworkOf(int opset)
    {
        string[] clip = opset < 11 ? ["c2"] : ["c2", "low", "high"];
        var bounded = Node("Clip", clip, ["r2"]);
        if (opset < 11) bounded.With("min", 0f).With("max", 6f);
        var model = Model([Value("x", ElementType.Float32, -1, 3, 8, 8), Value("ids", ElementType.Int64, -1)], ["y"],
            Node("Conv", ["x", "w1", "b1"], ["c1"], Ints("pads", 1, 1, 1, 1)),
            Node("BatchNormalization", ["c1", "scale", "b1", "b1", "variance"], ["n1"]), Node("Relu", ["n1"], ["r1"]),
            Node("Conv", ["r1", "w2"], ["c2"], Ints("pads", 1, 1, 1, 1), Int("group", Channels)), bounded,
            Node("Conv", ["r2", "w3"], ["c3"]), Node("Relu", ["c3"], ["r3"]),
            Node("ConvTranspose", ["r3", "w4"], ["up"], Ints("strides", 2, 2)), Node("GlobalAveragePool", ["up"], ["p"]), Node("Flatten", ["p"], ["f"]),
            Node("Gemm", ["f", "w5", "b5"], ["g"]), Node("Gather", ["table", "ids"], ["t"]), Node("Add", ["g", "t"], ["s"]), Node("MatMul", ["s", "w6"], ["y"]));
        model.Proto.OpsetImport[0].Version = opset;
        model.Graph.Output[0] = Value("y", ElementType.Float32, -1, 32);
        Add("w1", 1, Channels, 3, 3, 3);
        Add("b1", 2, Channels);
        Add("w2", 3, Channels, 1, 3, 3);
        Add("w3", 4, 16, Channels, 1, 1);
        Add("w4", 5, 16, 16, 2, 2);
        Add("w5", 6, 16, 32);
        Add("b5", 7, 32);
        Add("w6", 8, 32, 32);
        Add("table", 9, 8, 32);
        model.Graph.Initializer.Add(Weight("scale", ElementType.Float32, [Channels], [.. Numbers(Channels, 10).Select(number => number + 2)]));
        model.Graph.Initializer.Add(Weight("variance", ElementType.Float32, [Channels], [.. Numbers(Channels, 11).Select(number => number + 2)]));
        model.Graph.Initializer.Add(Weight("low", ElementType.Float32, [], 0f));
        model.Graph.Initializer.Add(Weight("high", ElementType.Float32, [], 6f));
        return model;

        void Add(string name, int seed, params long[] dimensions) =>
            model.Graph.Initializer.Add(Weight(name, ElementType.Float32, dimensions, Numbers((int)dimensions.Aggregate(1L, (a, b) => a * b), seed)));
    }
}
