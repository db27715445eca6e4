using Kneepoint.Measurement;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Measurement;

public sealed class OutputComparisonTests
{
    static readonly Dictionary<string, Tensor> Baseline = Outputs(1, 2, -3, 4);

    static Dictionary<string, Tensor> Outputs(params float[] values) => new() { ["y"] = Tensor.Of([2L, 2], values) };

    [Fact]
    public void A_close_variant_passes_with_its_ratio()
    {
        var comparison = OutputComparison.Of(Outputs(1, 2.1f, -3, 4.1f), Baseline, 2);

        Assert.Null(comparison.Rejection);
        Assert.Empty(comparison.Findings);
        Assert.InRange(comparison.SqnrDecibels, 25, 40);
    }

    [Fact]
    public void A_variant_that_is_merely_bad_passes_with_a_finding()
    {
        var comparison = OutputComparison.Of(Outputs(-1, -2, 3, -4), Baseline, 2);

        Assert.Null(comparison.Rejection);
        Assert.Equal("outputs-unlike-baseline", Assert.Single(comparison.Findings).Code);
    }

    [Fact]
    public void Broken_variants_are_refused_in_one_sentence()
    {
        Assert.Equal("The variant has no output 'y'; the baseline has.", OutputComparison.Of(new Dictionary<string, Tensor>(), Baseline, 2).Rejection);
        Assert.Equal("Output 'y': expected [2, 2] as in the baseline, found [4].",
            OutputComparison.Of(new Dictionary<string, Tensor> { ["y"] = Tensor.Of([4L], new float[4]) }, Baseline, 2).Rejection);
        Assert.Equal("Output 'y': expected Float32 as in the baseline, found Int64.",
            OutputComparison.Of(new Dictionary<string, Tensor> { ["y"] = Tensor.Of([2L, 2], new long[4]) }, Baseline, 2).Rejection);
        Assert.Equal("Output 'y' holds no finite number; the baseline's does.",
            OutputComparison.Of(Outputs(float.NaN, float.NaN, float.NaN, float.NaN), Baseline, 2).Rejection);
        Assert.Equal("Output 'y' is 0.5 throughout; the baseline's varies.", OutputComparison.Of(Outputs(0.5f, 0.5f, 0.5f, 0.5f), Baseline, 2).Rejection);
    }
}
