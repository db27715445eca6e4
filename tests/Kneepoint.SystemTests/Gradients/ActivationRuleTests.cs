using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of functions of single elements against differences.</summary>
public sealed class ActivationRuleTests
{
    static readonly long[] Shape = [3, 4, 5];

    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("ThresholdedRelu")]
    [InlineData("Elu")]
    [InlineData("Selu")]
    [InlineData("Celu")]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("Softplus")]
    [InlineData("Softsign")]
    [InlineData("HardSigmoid")]
    [InlineData("HardSwish")]
    [InlineData("Mish")]
    [InlineData("Neg")]
    [InlineData("Abs")]
    [InlineData("Exp")]
    [InlineData("Reciprocal")]
    [InlineData("Sin")]
    [InlineData("Cos")]
    [InlineData("Erf")]
    [InlineData("Identity")]
    [InlineData("Dropout")]
    public void The_slope_of_a_function_multiplies_the_gradient(string operation) => OperatorCheck.Run(operation, [Arg.Of(Shape)]);

    [Theory]
    [InlineData("Log")]
    [InlineData("Sqrt")]
    public void Functions_of_positive_numbers_have_theirs(string operation) => OperatorCheck.Run(operation, [Arg.Positive(Shape)]);

    [Theory]
    [InlineData("LeakyRelu", 0.3f)]
    [InlineData("LeakyRelu", -0.3f)]
    [InlineData("ThresholdedRelu", 0.4f)]
    [InlineData("Elu", 0.7f)]
    [InlineData("Celu", 0.7f)]
    [InlineData("HardSigmoid", 0.6f)]
    [InlineData("Selu", 1.2f)]
    public void Their_attributes_count(string operation, float alpha) => OperatorCheck.Run(operation, [Arg.Of(Shape)], node => node.With("alpha", alpha));

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void Gelu_has_two_forms(string form) => OperatorCheck.Run("Gelu", [Arg.Of(Shape)], node => node.With("approximate", form), opset: 20);

    [Fact]
    public void Clip_passes_what_lies_between_its_bounds_and_gives_them_the_rest() =>
        OperatorCheck.Run("Clip", [Arg.Of(Shape), Arg.Number(-0.6), Arg.Number(0.8)]);

    [Fact]
    public void Clip_may_have_one_bound_or_none()
    {
        OperatorCheck.Run("Clip", [Arg.Of(Shape), Arg.Number(-0.6)]);
        OperatorCheck.Run("Clip", [Arg.Of(Shape), Arg.None, Arg.Number(0.5)]);
        OperatorCheck.Run("Clip", [Arg.Of(Shape)]);
    }

    [Fact]
    public void Clip_of_old_operator_sets_has_attributes() =>
        OperatorCheck.Run("Clip", [Arg.Of(Shape)], node => node.With("min", -0.5f).With("max", 0.7f), opset: 7);

    [Theory]
    [InlineData(new long[] { 4, 1 })]
    [InlineData(new long[] { 1 })]
    [InlineData(new long[] { 3, 4, 5 })]
    [InlineData(new long[] { 1, 4, 5 })]
    public void Slopes_of_PRelu_are_summed_over_what_they_are_stretched_to(long[] slope) => OperatorCheck.Run("PRelu", [Arg.Of(Shape), Arg.Of(slope)]);
}
