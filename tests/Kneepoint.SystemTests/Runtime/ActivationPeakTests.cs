using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

public sealed class ActivationPeakTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Chain_of_products_peaks_where_input_and_widest_value_meet(int batch)
    {
        // x 256, h 1024, r 1024 over h, y 16 floats: the peak is x and h.
        var model = Model([Value("x", ElementType.Float32, -1, 256)], ["y"],
            Node("MatMul", ["x", "w1"], ["h"]), Node("Relu", ["h"], ["r"]), Node("MatMul", ["r", "w2"], ["y"]));
        AddWeight(model, "w1", 256, 1024);
        AddWeight(model, "w2", 1024, 16);

        var result = Measure(model, batch, 256);

        Assert.Equal((256 + 1024) * sizeof(float) * batch, result.PlannerPeakBytes);
        Assert.Equal("h", result.PeakValue);
        Assert.True(result.IsPlannerComplete);
        Assert.Empty(result.Findings);
    }

    [Fact]
    public void Value_that_is_used_again_is_not_written_over()
    {
        // h lives on to the addition, so r needs memory of its own; the sum goes over r or h.
        var model = Model([Value("x", ElementType.Float32, -1, 256)], ["y"],
            Node("MatMul", ["x", "w1"], ["h"]), Node("Sigmoid", ["h"], ["r"]), Node("Sub", ["h", "r"], ["s"]), Node("MatMul", ["s", "w2"], ["y"]));
        AddWeight(model, "w1", 256, 1024);
        AddWeight(model, "w2", 1024, 16);

        var result = Measure(model, 1, 256);

        Assert.Equal(2 * 1024 * sizeof(float), result.PlannerPeakBytes);
        Assert.Equal("r", result.PeakValue);
    }

    [Fact]
    public void View_shares_the_memory_of_what_it_views()
    {
        var model = Model([Value("x", ElementType.Float32, 1, 256)], ["y"],
            Node("MatMul", ["x", "w1"], ["h"]), Node("Reshape", ["h", "shape"], ["v"]), Node("MatMul", ["v", "w2"], ["y"]));
        AddWeight(model, "w1", 256, 1024);
        AddWeight(model, "w2", 32, 16);
        model.Graph.Initializer.Add(Weight("shape", ElementType.Int64, [2], 32L, 32L));

        var result = Measure(model, 1, 256);

        // The last product: v, which is h, and y.
        Assert.Equal((1024 + 32 * 16) * sizeof(float), result.PlannerPeakBytes);
    }

    [Theory]
    [InlineData("fashion", "fashion_cnn.onnx")]
    [InlineData("kws", "dscnn_kws_ref.onnx")]
    [InlineData("cifar10", "resnet20_ft.onnx")]
    [InlineData("clinc150", "clinc_transformer.onnx")]
    public void Arena_of_a_real_network_holds_at_least_the_plan_and_says_the_same_each_time(string name, string file)
    {
        string path = Path.Combine(Repository.Case(name), file);
        using var session = Runtime.Open(path, new SessionSettings());
        var inputs = Zeros(session);

        var first = ActivationPeak.Measure(Runtime, path, inputs);
        var second = ActivationPeak.Measure(Runtime, path, inputs);

        Assert.Equal((first.PlannerPeakBytes, first.ArenaPeakBytes), (second.PlannerPeakBytes, second.ArenaPeakBytes));
        Assert.True(first.IsPlannerComplete);
        Assert.Equal(first.PlannerPeakBytes, first.ActivationPeakBytes);
        // The caller's inputs are in the plan and not in the arena.
        long inputBytes = inputs.Values.Sum(input => (long)input.Bytes.Length);
        Assert.InRange(first.ArenaPeakBytes!.Value, first.PlannerPeakBytes - inputBytes, 4 * first.PlannerPeakBytes);
    }

    [Fact]
    public void Values_inside_branches_are_missing_from_the_plan_with_a_finding()
    {
        string path = Path.Combine(Repository.Case("odd"), "silero_vad.onnx");
        var inputs = new Dictionary<string, Tensor>
        {
            ["input"] = Tensor.Of([1, 576], new float[576]),
            ["state"] = Tensor.Of([2, 1, 128], new float[256]),
            ["sr"] = Tensor.Of([], new long[] { 16000 }),
        };

        var result = ActivationPeak.Measure(Runtime, path, inputs);

        Assert.False(result.IsPlannerComplete);
        Assert.Equal("activation-peak-incomplete", Assert.Single(result.Findings).Code);
        Assert.Equal(result.ArenaPeakBytes, result.ActivationPeakBytes);
    }

    static ActivationPeakResult Measure(OnnxModel model, int batch, int width)
    {
        using var folder = new TemporaryFolder();
        string file = Save(model, folder);
        return ActivationPeak.Measure(Runtime, file, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([batch, width], new float[batch * width]) });
    }

    static void AddWeight(OnnxModel model, string name, int rows, int columns) =>
        model.Graph.Initializer.Add(Weight(name, ElementType.Float32, [rows, columns], Numbers(rows * columns, seed: rows)));
}
