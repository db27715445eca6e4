using CsCheck;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class WilsonTests
{
    [Fact]
    public void Ends_are_where_the_score_test_just_accepts() =>
        Gen.Int[1, 2000].SelectMany(n => Gen.Int[0, n].Select(k => (k, n))).Sample((k, n) =>
        {
            var interval = Wilson.Of(k, n);
            Assert.Equal((double)k / n, interval.Value);
            Assert.True(0 <= interval.Low && interval.Low <= interval.Value && interval.Value <= interval.High && interval.High <= 1);
            foreach (double end in new[] { interval.Low, interval.High })
            {
                if (end is 0 or 1) continue;
                Assert.Equal(1.959963984540054, Math.Abs(interval.Value - end) / Math.Sqrt(end * (1 - end) / n), 1e-6);
            }
        });

    [Theory]
    [InlineData(200, 0.8)]
    [InlineData(1000, 0.9)]
    [InlineData(1000, 0.93)]
    [InlineData(4500, 0.918)]
    [InlineData(10000, 0.97)]
    public void Exact_coverage_is_94_to_96_percent(int n, double p) => Assert.InRange(ExactCoverage(n, p), 0.94, 0.96);

    // For one n and p coverage swings, since successes are whole numbers: at n = 50 and p = 0.5 it is 93.5 %.
    [Theory]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(100)]
    public void Coverage_over_all_p_is_94_to_96_percent_for_few_samples_too(int n) =>
        Assert.InRange(Enumerable.Range(1, 999).Average(i => ExactCoverage(n, i / 1000.0)), 0.94, 0.96);

    static double ExactCoverage(int n, double p)
    {
        double logP = Math.Log(p), logQ = Math.Log(1 - p), logBinomial = 0, covered = 0;
        for (int k = 0; k <= n; k++)
        {
            var interval = Wilson.Of(k, n);
            if (interval.Low <= p && p <= interval.High) covered += Math.Exp(logBinomial + k * logP + (n - k) * logQ);
            logBinomial += Math.Log((double)(n - k) / (k + 1));
        }

        return covered;
    }

    [Fact]
    public void Impossible_counts_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Of(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Of(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Of(4, 3));
    }
}
