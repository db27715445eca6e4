using Kneepoint.Calibration;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Operators between integer layers that the runtime's integer kernels compute otherwise than its float ones.</summary>
public sealed class OddOperatorTests
{
    const int Channels = 16;
    const int Samples = 4;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string> Operators() => [
        "dilated average", "average with ceiling and padding", "whole-image average", "larger than the image", "cropped resize", "pad of two axes", "unknown bound",
    ];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Bug_operators_between_integer_layers_were_computed_otherwise(string name)
    {
        var model = Around(name);
        Dictionary<string, Tensor> inputs = new() { ["x"] = Tensor.Of([Samples, Channels, 8, 8], Numbers(Samples * Channels * 64, 4)) };
        if (name == "unknown bound") inputs.Add("bound", Tensor.Of([], [0.5f]));
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);
        var recipe = new Recipe([new StaticInt8 { WeightBits = 7 }.ToStep(Step.WholeNetwork)]);
        var statistics = ActivationCollector.Collect(Runtime, model, [new SampleBatch(inputs, null, Samples)], Compressor.RequiredActivations(model, recipe),
            cancellation: TestContext.Current.CancellationToken);

        var variant = Compressor.Apply(model, recipe, statistics);

        using var session = Runtime.Open(variant.Model, new SessionSettings());
        var comparison = OutputComparison.Of(session.Run(inputs), expected, Samples);
        Assert.Null(comparison.Rejection);
        Assert.True(comparison.SqnrDecibels > 25, $"{comparison.SqnrDecibels} dB");
    }

    [Fact]
    public void Bug_a_bias_of_two_dimensions_was_merged_into_the_product_of_a_vector()
    {
        var model = Model([Value("x", ElementType.Float32, Channels)], ["y"], Node("MatMul", ["x", "w"], ["m"]), Node("Add", ["m", "b"], ["y"]));
        model.Graph.Output[0] = Value("y", ElementType.Float32, 1, Channels);
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [Channels, Channels], Numbers(Channels * Channels, 1)));
        model.Graph.Initializer.Add(Weight("b", ElementType.Float32, [1, Channels], Numbers(Channels, 2)));
        Dictionary<string, Tensor> inputs = new() { ["x"] = Tensor.Of([Channels], Numbers(Channels, 3)) };
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);

        var variant = Compressor.Apply(model, new Recipe([new DynamicInt8().ToStep(Step.WholeNetwork)]));

        using var session = Runtime.Open(variant.Model, new SessionSettings());
        var actual = session.Run(inputs);
        Assert.Equal(expected["y"].Dimensions, actual["y"].Dimensions);
    }

    static OnnxModel Around(string name)
    {
        var between = name switch
        {
            "dilated average" => Node("AveragePool", ["r"], ["o"], Ints("kernel_shape", 2, 2), Ints("dilations", 2, 2)),
            "average with ceiling and padding" => Node("AveragePool", ["r"], ["o"],
                Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Ints("pads", 0, 0, 1, 1), Int("ceil_mode", 1), Int("count_include_pad", 1)),
            "whole-image average" => Node("AveragePool", ["r"], ["o"], Ints("kernel_shape", 8, 8)),
            "larger than the image" => Node("AveragePool", ["r"], ["o"], Ints("kernel_shape", 9, 9), Ints("pads", 0, 0, 1, 1)),
            "cropped resize" => Node("Resize", ["r", "roi", "scales"], ["o"]).With("mode", "nearest").With("coordinate_transformation_mode", "tf_crop_and_resize").With("extrapolation_value", 3f),
            "pad of two axes" => Node("Pad", ["r", "pads", "", "axes"], ["o"]),
            _ => Node("Clip", ["r", "", "bound"], ["o"]),
        };
        List<ValueInfoProto> values = [Value("x", ElementType.Float32, Samples, Channels, 8, 8)];
        if (name == "unknown bound") values.Add(Value("bound", ElementType.Float32));
        var model = Model([.. values], ["y"], Node("Conv", ["x", "wa"], ["a"]), Node("Relu", ["a"], ["r"]), between, Node("Conv", ["o", "wb"], ["y"]));
        model.Proto.OpsetImport[0].Version = 19;
        model.Graph.Initializer.Add(Weight("wa", ElementType.Float32, [Channels, Channels, 1, 1], Numbers(Channels * Channels, 1)));
        model.Graph.Initializer.Add(Weight("wb", ElementType.Float32, [Channels, Channels, 1, 1], Numbers(Channels * Channels, 2)));
        model.Graph.Initializer.Add(Weight("roi", ElementType.Float32, [8], 0, 0, -0.2f, -0.2f, 1, 1, 1.2f, 1.2f));
        model.Graph.Initializer.Add(Weight("scales", ElementType.Float32, [4], 1, 1, 1.5f, 1.5f));
        model.Graph.Initializer.Add(TensorData.Write("pads", Tensor.Of([4], [1L, 1, 1, 1])));
        model.Graph.Initializer.Add(TensorData.Write("axes", Tensor.Of([2], [2L, 3])));
        return model;
    }
}
