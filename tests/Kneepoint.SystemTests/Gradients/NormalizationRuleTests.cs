using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of normalizations and reductions against differences.</summary>
public sealed class NormalizationRuleTests
{
    [Theory]
    [InlineData(new long[] { 2, 3, 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 })]
    [InlineData(new long[] { 4, 3 })]
    public void BatchNormalization_gives_gradients_of_all_five(long[] x) =>
        OperatorCheck.Run("BatchNormalization", [Arg.Of(x), Arg.Of(3), Arg.Of(3), Arg.Of(3), Arg.Positive(3)], node => node.With("epsilon", 1e-3f), opset: 15);

    [Fact]
    public void BatchNormalization_of_old_operator_sets_is_the_same() =>
        OperatorCheck.Run("BatchNormalization", [Arg.Of(2, 3, 4, 5), Arg.Of(3), Arg.Of(3), Arg.Of(3), Arg.Positive(3)], opset: 7);

    [Theory]
    [InlineData(-1, new long[] { 6 })]
    [InlineData(1, new long[] { 3, 6 })]
    [InlineData(-1, new long[] { 3, 1 })]
    public void LayerNormalization_gives_gradients_of_input_scale_and_bias(long axis, long[] scale) =>
        OperatorCheck.Run("LayerNormalization", [Arg.Of(2, 3, 6), Arg.Of(scale), Arg.Of(scale)], node => node.With("axis", axis));

    [Theory]
    [InlineData("Softmax", -1, 18)]
    [InlineData("Softmax", 1, 18)]
    [InlineData("LogSoftmax", 0, 18)]
    [InlineData("LogSoftmax", 2, 13)]
    [InlineData("Softmax", 1, 11)]
    [InlineData("LogSoftmax", 1, 7)]
    [InlineData("Softmax", 2, 12)]
    public void Exponential_shares_have_their_gradients(string operation, long axis, int opset) =>
        OperatorCheck.Run(operation, [Arg.Of(2, 3, 4)], node => node.With("axis", axis), opset: opset);

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void LRN_has_the_gradient_of_its_window(long size) =>
        OperatorCheck.Run("LRN", [Arg.Of(2, 6, 3, 2)], node => node.With("size", size).With("alpha", 0.3f).With("beta", 0.6f).With("bias", 1.5f));
}
