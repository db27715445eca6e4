using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Gradients of real networks against differences of the oracle, for a random cotangent.</summary>
public sealed class CaseGradientTests
{
    const int Weights = 100;

    // Smaller than that of single operators, so that few of the many kinks of a network lie between both sides.
    const double Step = 1e-7;

    [Theory]
    [InlineData("cifar10/resnet20_ft.onnx")]
    [InlineData("fashion/fashion_cnn.onnx")]
    [InlineData("adult/adult_mlp.onnx")]
    [InlineData("clinc150/clinc_transformer.onnx")]
    [InlineData("kws/dscnn_kws_ref.onnx")]
    [InlineData("kws/dscnn_kws_ref_bn.onnx")]
    public void Weights_drawn_at_random_agree(string file)
    {
        var (model, inputs, request) = Open(file);

        GradientCheck.Check(model, inputs, request, (Weights + request.Weights.Count - 1) / request.Weights.Count, Step);
    }

    [Theory]
    [InlineData("cifar10/resnet20_ft_bn.onnx")]
    [InlineData("clinc150/clinc_transformer.onnx")]
    [InlineData("imagenet/squeezenet1.1_227.onnx")]
    [InlineData("imagenet/mobilenet_v1_0.75_224.onnx")]
    public void A_step_of_all_weights_together_agrees(string file)
    {
        var (model, inputs, request) = Open(file);

        GradientCheck.CheckDirection(model, inputs, request);
    }

    [Fact]
    public void So_it_does_in_an_old_operator_set_up_to_the_kinks_that_rounding_decides_otherwise()
    {
        // 37 layers of Relu on a random picture: with binary32 and binary64 some elements near zero fall on other sides.
        const double Loose = 5e-4;
        var (model, inputs, request) = Open("odd/ultraface_rfb320.onnx");

        GradientCheck.CheckDirection(model, inputs, request, Loose);
    }

    [Theory]
    [InlineData("char-lstm/char_lstm_shakespeare_t100.onnx", "LSTM")]
    [InlineData("odd/silero_vad.onnx", "If")]
    public void An_operator_without_a_rule_is_named(string file, string operation)
    {
        var (model, _, request) = Open(file);

        var missing = GradientGraph.Missing(model, request);

        Assert.All(missing, node => Assert.Equal(operation, node.Operator));
        Assert.NotEmpty(missing);
        var exception = Assert.Throws<GradientNotAvailableException>(() => GradientGraph.Of(model, request));
        Assert.Contains($"no rule for operator {operation}; its gradient is not available", exception.Message, StringComparison.Ordinal);
    }

    static (OnnxModel Model, Dictionary<string, Tensor> Inputs, GradientRequest Request) Open(string name)
    {
        string file = Path.Combine(Repository.Case(Path.GetDirectoryName(name)!), Path.GetFileName(name));
        var model = OnnxModel.Load(file);
        using var session = new OrtRuntime(2).Open(file, new SessionSettings());
        var random = new Random(1);
        var inputs = session.Inputs.ToDictionary(input => input.Name, input => Draw(input, random));
        string[] weights = [.. model.Graph.Initializer.Where(tensor => tensor.DataType == 1 && tensor.Dims.Count > 0).Select(tensor => tensor.Name)];
        string[] outputs = [.. session.Outputs.Where(output => output.ElementType == ElementType.Float32).Select(output => output.Name)];
        string[] values = [.. session.Inputs.Where(input => input.ElementType == ElementType.Float32).Select(input => input.Name)];
        return (model, inputs, new GradientRequest { Outputs = outputs, Weights = weights, Values = weights.Length > 0 ? [] : values });
    }

    static Tensor Draw(ValueSignature input, Random random)
    {
        long[] dims = [.. input.Dimensions.Select(size => size > 0 ? size : 1)];
        Tensor.TryCount(dims, out long count);
        if (input.ElementType == ElementType.Int64) return Tensor.Of(dims, [.. Enumerable.Range(0, (int)count).Select(i => i % 5 == 4 ? 0L : random.Next(1, 50))]);
        return Tensor.Of(dims, [.. Enumerable.Range(0, (int)count).Select(_ => (float)Normal(random))]);
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
