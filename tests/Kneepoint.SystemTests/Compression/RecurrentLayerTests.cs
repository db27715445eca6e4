using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.WeightSharing;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>The weights of operators that run through time, made smaller by every method that takes weights.</summary>
public sealed class RecurrentLayerTests
{
    const int Length = 6;
    const int Samples = 8;
    const int Inputs = 32;
    const int Hidden = 48;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string, string, string> OperatorsAndMethods() => new(
        from operation in new[] { ("LSTM", "forward"), ("LSTM", "reverse"), ("LSTM", "bidirectional"), ("GRU", "forward"), ("GRU", "bidirectional"), ("RNN", "forward") }
        from method in MethodCatalog.Grid
        where method is WeightInt8 or BlockWeights or SharedWeights or Fp16Weights
        select (operation.Item1, operation.Item2, method.ToText()));

    [Theory]
    [MemberData(nameof(OperatorsAndMethods))]
    public void Both_weights_get_smaller_and_the_outputs_stay_near(string operation, string direction, string text)
    {
        var method = MethodCatalog.Grid.Single(method => method.ToText() == text);
        var model = NetworkOf(operation, direction);
        Dictionary<string, Tensor> inputs = new() { ["x"] = Tensor.Of([Length, Samples, Inputs], Numbers(Length * Samples * Inputs, 4)) };
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);

        var variant = Apply(model, method, inputs);

        Assert.Equal(["a", "a" + WeightedLayer.RecurrenceSuffix], variant.Layers.Select(layer => layer.Layer));
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        var comparison = OutputComparison.Of(session.Run(inputs), expected, Samples);
        Assert.Null(comparison.Rejection);
        int bits = variant.Layers[0].WeightBits;
        Assert.True(comparison.SqnrDecibels > (bits < 3 ? 4 : bits < 4 ? 9 : 15), $"{comparison.SqnrDecibels} dB");
        Assert.True(variant.Model.Proto.CalculateSize() < 0.7 * model.Proto.CalculateSize());
    }

    [Fact]
    public void The_weight_of_the_recurrence_is_rounded_by_the_states_it_is_applied_to()
    {
        var model = NetworkOf("LSTM", "forward");
        Dictionary<string, Tensor> inputs = new() { ["x"] = Tensor.Of([Length, Samples, Inputs], Numbers(Length * Samples * Inputs, 4)) };

        var byData = Apply(model, new BlockWeights { Rounding = WeightRounding.Data }, inputs);

        Assert.DoesNotContain(byData.Findings, finding => finding.Code == "rounded-to-nearest");
    }

    [Fact]
    public void A_step_can_name_one_of_the_two_weights()
    {
        var model = NetworkOf("GRU", "forward");

        var variant = Compressor.Apply(model, new Recipe([new WeightInt8().ToStep("a/recurrence")]));

        Assert.Equal(["a/recurrence"], variant.Layers.Select(layer => layer.Layer));
    }

    static CompressedNetwork Apply(OnnxModel model, CompressionMethod method, Dictionary<string, Tensor> inputs)
    {
        var recipe = new Recipe([method.ToStep(Step.WholeNetwork)]);
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        MomentCollector.Collect(Runtime, model, [new SampleBatch(inputs, null, Samples)], Compressor.RequiredMoments(model, recipe), (form, known) => moments.Add(form.Key, known),
            cancellation: TestContext.Current.CancellationToken);
        return Compressor.Apply(model, recipe, null, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));
    }

    static OnnxModel NetworkOf(string operation, string direction)
    {
        int directions = direction == "bidirectional" ? 2 : 1;
        int gates = operation switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
        var model = Model([Value("x", ElementType.Float32, Length, Samples, Inputs)], ["a"],
            Node(operation, ["x", "w", "r", "b"], ["a"]).With("hidden_size", Hidden).With("direction", direction).With("linear_before_reset", 1));
        if (operation != "GRU") model.Graph.Node[0].Without("linear_before_reset");
        model.Graph.Output[0] = Value("a", ElementType.Float32, Length, directions, Samples, Hidden);
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [directions, gates * Hidden, Inputs], Numbers(directions * gates * Hidden * Inputs, 1)));
        // A recurrence that contracts: larger weights would carry any change from step to step.
        float[] contracting = [.. Numbers(directions * gates * Hidden * Hidden, 2).Select(weight => 0.2f * weight)];
        model.Graph.Initializer.Add(Weight("r", ElementType.Float32, [directions, gates * Hidden, Hidden], contracting));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [directions, 2 * gates * Hidden], Numbers(directions * 2 * gates * Hidden, 3)));
        return model;
    }
}
