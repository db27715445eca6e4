using CsCheck;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Search;

public sealed class OutputDivergenceTests
{
    // All above 1, so that no row looks like probabilities.
    static readonly Gen<float[]> Logits = Gen.Float[1.5f, 15f].Array[4];

    [Fact]
    public void Classes_are_compared_by_the_divergence_of_their_softmax() =>
        Gen.Select(Logits, Logits, Logits, Logits).Sample((p1, p2, q1, q2) =>
        {
            var result = Compare(DivergenceKind.Classes, [2, 4], [.. p1, .. p2], [.. q1, .. q2], samples: 2);
            double first = Slow(p1, q1);
            double second = Slow(p2, q2);

            Assert.Equal((first + second) / 2, result.Loss, 1e-6);
            Assert.Equal(Math.Abs(first - second) / 2, result.StandardError, 1e-5);
            Assert.Equal(2, result.Samples);
        }, iter: 200);

    [Fact]
    public void Divergence_is_zero_for_the_same_and_for_shifted_logits() =>
        Logits.Sample(p =>
        {
            Assert.Equal(0, Compare(DivergenceKind.Classes, [1, 4], p, p, samples: 1).Loss);
            Assert.Equal(0, Compare(DivergenceKind.Classes, [1, 4], p, [.. p.Select(x => x + 1000)], samples: 1).Loss, 1e-4);
        }, iter: 100);

    [Fact]
    public void Tokens_of_a_sample_count_as_one_observation()
    {
        float[] p = [0, 0, 1, 2, 5, 1, 0, 3];
        float[] q = [1, 0, 1, 2, 5, 1, 0, 0];

        var result = Compare(DivergenceKind.Classes, [2, 2, 2], p, q, samples: 2);

        double first = Slow([0, 0], [1, 0]) / 2;
        double second = Slow([0, 3], [0, 0]) / 2;
        Assert.Equal((first + second) / 2, result.Loss, 1e-9);
        Assert.Equal(Math.Abs(first - second) / 2, result.StandardError, 1e-9);
    }

    [Fact]
    public void Probabilities_are_taken_as_they_are()
    {
        float[] p = [0.5f, 0.5f, 0];
        float[] q = [0.25f, 0.25f, 0.5f];

        Assert.Equal(Math.Log(2), Compare(DivergenceKind.Classes, [1, 3], p, q, samples: 1).Loss, 1e-9);
    }

    [Fact]
    public void Values_are_compared_by_noise_over_signal()
    {
        var result = Compare(DivergenceKind.Values, [2, 2], [3, 4, 0, 5], [3, 5, 0, 5], samples: 2);

        Assert.Equal(1 / 50d, result.Loss, 1e-12);
        Assert.True(result.StandardError > 0);
    }

    [Fact]
    public void Integers_are_compared_by_the_share_that_differs()
    {
        var divergence = new OutputDivergence(DivergenceKind.Classes);
        divergence.Add(Named(Tensor.Of([4], new long[] { 1, 2, 3, 4 })), Named(Tensor.Of([4], new long[] { 1, 2, 0, 4 })), 4);

        Assert.Equal(0.25, divergence.Result().Loss);
    }

    [Theory]
    [InlineData(DivergenceKind.Classes)]
    [InlineData(DivergenceKind.Values)]
    public void Outputs_that_are_no_numbers_lose_everything(DivergenceKind kind)
    {
        Assert.Equal(double.PositiveInfinity, Compare(kind, [1, 2], [1, 2], [float.NaN, 2], samples: 1).Loss);
        Assert.Equal(double.PositiveInfinity, Compare(kind, [1, 2], [1, 2], [1, float.PositiveInfinity], samples: 1).Loss);
        Assert.Equal(0, Compare(kind, [1, 3], [1, 2, float.NegativeInfinity], [1, 2, float.NegativeInfinity], samples: 1).Loss);
        Assert.Equal(0, Compare(kind, [1, 2], [0, 0], [0, 0], samples: 1).Loss);
    }

    [Fact]
    public void Batches_change_nothing() =>
        Gen.Select(Gen.Float[1.5f, 15f].Array[24], Gen.Float[-9f, 9f].Array[24]).Sample((p, q) =>
        {
            foreach (var kind in new[] { DivergenceKind.Classes, DivergenceKind.Values })
            {
                var divergence = new OutputDivergence(kind);
                divergence.Add(Named(Tensor.Of([2, 4], p.AsSpan(0, 8))), Named(Tensor.Of([2, 4], q.AsSpan(0, 8))), 2);
                divergence.Add(Named(Tensor.Of([4, 4], p.AsSpan(8))), Named(Tensor.Of([4, 4], q.AsSpan(8))), 4);

                Assert.Equal(Compare(kind, [6, 4], p, q, samples: 6), divergence.Result());
            }
        }, iter: 50);

    [Fact]
    public void Another_shape_or_a_missing_output_is_the_callers_mistake()
    {
        var divergence = new OutputDivergence(DivergenceKind.Values);
        var output = Named(Tensor.Of([2], new float[2]));

        Assert.Throws<ArgumentException>(() => divergence.Add(output, Named(Tensor.Of([1, 2], new float[2])), 1));
        Assert.Throws<ArgumentException>(() => divergence.Add(output, new Dictionary<string, Tensor>(), 1));
    }

    static Sensitivity Compare(DivergenceKind kind, long[] dimensions, float[] baseline, float[] variant, int samples)
    {
        var divergence = new OutputDivergence(kind);
        divergence.Add(Named(Tensor.Of(dimensions, baseline)), Named(Tensor.Of(dimensions, variant)), samples);
        return divergence.Result();
    }

    static Dictionary<string, Tensor> Named(Tensor tensor) => new() { ["y"] = tensor };

    static double Slow(float[] p, float[] q)
    {
        double[] a = [.. p.Select(x => Math.Exp(x) / p.Sum(y => Math.Exp(y)))];
        double[] b = [.. q.Select(x => Math.Exp(x) / q.Sum(y => Math.Exp(y)))];
        return a.Zip(b, (x, y) => x * Math.Log(x / y)).Sum();
    }
}
