using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of products of matrices against differences.</summary>
public sealed class ProductRuleTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Gemm_transposes_scales_and_stretches(bool isA, bool isB)
    {
        foreach (long[] c in new long[][] { [3, 5], [5], [1, 5], [3, 1], [], [1] })
        {
            OperatorCheck.Run("Gemm", [Arg.Of(isA ? [4, 3] : [3, 4]), Arg.Of(isB ? [5, 4] : [4, 5]), Arg.Of(c)],
                node => node.With("transA", isA ? 1L : 0L).With("transB", isB ? 1L : 0L).With("alpha", 0.7f).With("beta", -1.3f));
        }
    }

    [Fact]
    public void Gemm_may_lack_its_last_operand() => OperatorCheck.Run("Gemm", [Arg.Of(3, 4), Arg.Of(4, 5)]);

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 1, 4, 5 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 2, 1, 3, 4 }, new long[] { 6, 4, 5 })]
    [InlineData(new long[] { 1, 3, 4 }, new long[] { 6, 4, 5 })]
    [InlineData(new long[] { 2, 6, 3, 4 }, new long[] { 1, 6, 4, 5 })]
    [InlineData(new long[] { 4 }, new long[] { 4 })]
    [InlineData(new long[] { 4 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 })]
    [InlineData(new long[] { 4 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 4 })]
    public void MatMul_stretches_and_takes_vectors(long[] a, long[] b) => OperatorCheck.Run("MatMul", [Arg.Of(a), Arg.Of(b)]);
}
