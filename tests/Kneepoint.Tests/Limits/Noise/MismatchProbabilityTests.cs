using Kneepoint.Limits.Noise;

namespace Kneepoint.Tests.Limits.Noise;

public sealed class MismatchProbabilityTests
{
    [Fact]
    public void Theorem_is_the_formula_on_paper()
    {
        var mismatch = new MismatchProbability(2);
        mismatch.AddSample([2, 0.5], [48, 6, 12, 3]);
        mismatch.AddSample([1, 4], [0, 24, 0, 0]);

        // E_1 = (48/(24·4) + 12/(24·¼)) / 2, E_2 = (6/(24·4) + 3/(24·¼) + 24/24) / 2.
        Assert.Equal(1.25, mismatch.NoiseGain(0), 1e-15);
        Assert.Equal((0.0625 + 0.5 + 1) / 2, mismatch.NoiseGain(1), 1e-15);
        Assert.Equal(0.01 * 1.25 + 0.04 * mismatch.NoiseGain(1), mismatch.Theorem([0.1, 0.2]), 1e-15);
        Assert.Equal((1 + 0.01 * 1) / 2, mismatch.Capped([1, 0.1]), 1e-15);
    }

    [Fact]
    public void One_error_against_one_margin_is_half_the_variance_over_the_margins_square()
    {
        // Chebyshev of a symmetric error: P(U ≥ m) ≤ Δ²g²/12 ÷ 2m², and the exact tail of a uniform error is (D − m)/2D with D = Δg/2.
        var mismatch = new MismatchProbability(1);
        mismatch.AddSample([0.3], [4]);
        for (double step = 0.01; step < 3; step *= 1.1)
        {
            double half = step * 2 / 2;
            Assert.True(mismatch.Capped([step]) >= Math.Max(0, (half - 0.3) / (2 * half)) || mismatch.Capped([step]) == 1);
        }
    }

    [Fact]
    public void A_tie_makes_the_theorem_vacuous_and_counts_as_one_sample_where_capped()
    {
        var mismatch = new MismatchProbability(1);
        mismatch.AddSample([0, 1], [1, 1]);
        mismatch.AddSample([1, 1], [0, 0]);

        Assert.Equal(double.PositiveInfinity, mismatch.Theorem([0.1]));
        Assert.Equal(0.5, mismatch.Capped([0.1]));
        Assert.Equal(0, mismatch.Theorem([0]));
        Assert.Equal(0, mismatch.Capped([0]));
    }

    [Fact]
    public void Chernoff_form_sums_classes_caps_samples_and_takes_their_mean()
    {
        var chernoff = new ChernoffMismatch([0.5, 2]);
        float[] first = [1, -2], second = [0.5f];
        chernoff.AddClass(0.7, [first, second]);
        chernoff.AddClass(0.8, [second, first]);
        chernoff.EndSample();
        chernoff.AddClass(0, [first, second]);
        chernoff.AddClass(0, [first, second]);
        chernoff.EndSample();

        // The first class by its variance over the margin's square, the second by Chernoff's form.
        double share = (0.0625 + 0.25 + 0.25) / (6 * 0.49) + Math.Exp(ChernoffTail.LogBound([0.125, 1, 2], 0.8));
        Assert.True(Math.Exp(ChernoffTail.LogBound([0.25, 0.5, 0.5], 0.7)) > (0.0625 + 0.25 + 0.25) / (6 * 0.49));
        Assert.Equal((Math.Min(share, 1) + 1) / 2, chernoff.Bound, 1e-15);
        Assert.Equal(2, chernoff.SampleCount);
    }

    [Fact]
    public void Mistakes_of_the_caller_are_refused()
    {
        var mismatch = new MismatchProbability(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MismatchProbability(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.AddSample([1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.AddSample([-1], [1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.AddSample([1], [1, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.NoiseGain(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.Theorem([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mismatch.Capped([1, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChernoffMismatch([-1.0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChernoffMismatch([1.0]).AddClass(1, []));
        Assert.Throws<InvalidOperationException>(() => new ChernoffMismatch([1.0]).Bound);
    }
}
