using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of reductions against differences.</summary>
public sealed class ReductionRuleTests
{
    public static TheoryData<string> Operators => ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL2", "ReduceL1", "ReduceLogSum", "ReduceLogSumExp"];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Reductions_keep_or_drop_axes(string operation)
    {
        foreach (long keep in new[] { 0L, 1L })
        {
            OperatorCheck.Run(operation, [Arg.Positive(2, 3, 4), Arg.Ints(1)], node => node.With("keepdims", keep));
            OperatorCheck.Run(operation, [Arg.Positive(2, 3, 4), Arg.Ints(-1, 0)], node => node.With("keepdims", keep));
            OperatorCheck.Run(operation, [Arg.Positive(2, 3, 4)], node => node.With("keepdims", keep));
        }
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Axes_of_old_operator_sets_are_attributes(string operation) =>
        OperatorCheck.Run(operation, [Arg.Positive(2, 3, 4)], node => node.With("axes", [1, 2]).With("keepdims", 0L), opset: 11);

    [Fact]
    public void No_axes_may_mean_no_reduction() => OperatorCheck.Run("ReduceMean", [Arg.Of(2, 3)], node => node.With("noop_with_empty_axes", 1L));
}
