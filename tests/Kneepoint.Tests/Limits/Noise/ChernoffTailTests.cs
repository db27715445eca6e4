using Kneepoint.Limits.Noise;

namespace Kneepoint.Tests.Limits.Noise;

public sealed class ChernoffTailTests
{
    [Fact]
    public void Log_of_the_ratio_is_that_of_the_definition_and_has_no_jumps()
    {
        for (double x = 0.02; x < 30; x *= 1.03) Assert.Equal(Math.Log(Math.Sinh(x) / x), ChernoffTail.LogSinhRatio(x), 1e-12 * Math.Max(x, 1));
        Assert.Equal(0, ChernoffTail.LogSinhRatio(0));
        Assert.Equal(1e-12 / 6, ChernoffTail.LogSinhRatio(1e-6), 1e-24);
        Assert.Equal(1e6 - Math.Log(2e6), ChernoffTail.LogSinhRatio(1e6), 1e-9);
        foreach (double border in new[] { 0.2, 20.0 }) Assert.Equal(ChernoffTail.LogSinhRatio(Math.BitDecrement(border)), ChernoffTail.LogSinhRatio(border), 1e-13);
    }

    [Fact]
    public void Bound_is_above_the_exact_tail_of_one_and_of_two_errors()
    {
        for (double m = 0.05; m < 2; m += 0.05)
        {
            // One uniform error on ±1: (1 − m)/2. Two: (2 − m)²/8.
            Assert.True(Math.Exp(ChernoffTail.LogBound([1.0], m)) >= Math.Max(1 - m, 0) / 2);
            Assert.True(Math.Exp(ChernoffTail.LogBound([1.0, 1.0], m)) >= (2 - m) * (2 - m) / 8);
        }
    }

    [Fact]
    public void Bound_is_above_the_measured_tail_and_below_the_normal_and_the_published_one()
    {
        var random = new Random(2);
        for (int seed = 0; seed < 20; seed++)
        {
            double[] widths = [.. Enumerable.Range(0, 3 + seed).Select(_ => random.NextDouble() * random.NextDouble())];
            double deviation = Math.Sqrt(widths.Sum(d => d * d) / 3);
            double[] sums = [.. Enumerable.Range(0, 4000).Select(_ => widths.Sum(d => d * (2 * random.NextDouble() - 1)))];
            for (double m = 0.25; m < 3; m += 0.25)
            {
                double bound = ChernoffTail.LogBound(widths, m * deviation), published = ChernoffTail.PublishedLogBound(widths, m * deviation);
                double measured = sums.Average(sum => sum >= m * deviation ? 1.0 : 0);
                Assert.True(Math.Exp(bound) >= measured - 3 * Math.Sqrt(measured / sums.Length), $"{Math.Exp(bound)} is stated, {measured} measured.");
                Assert.True(bound <= published + 1e-12);
                Assert.True(published <= -m * m / 2 + 1e-12);
            }
        }
    }

    // Errors of all sizes: those whose powers are summed, those that are not, and both.
    [Theory]
    [InlineData(20_000, 0.3)]
    [InlineData(20_000, 3)]
    [InlineData(2000, 12)]
    [InlineData(50, 2)]
    [InlineData(3, 1)]
    public void Sums_of_powers_give_the_least_bound_of_the_formula(int count, double deviations)
    {
        var random = new Random(count);
        double[] widths = [.. Enumerable.Range(0, count).Select(_ => Math.Pow(random.NextDouble(), 4) * 1e-3)];
        double margin = deviations * Math.Sqrt(widths.Sum(d => d * d) / 3);

        // By golden section over t, from the definition.
        double Bound(double t) => widths.Sum(d => ChernoffTail.LogSinhRatio(t * d)) - t * margin;
        double low = 0, high = 20 * margin / widths.Sum(d => d * d);
        for (int step = 0; step < 100; step++)
        {
            double third = (high - low) / 3;
            if (Bound(low + third) < Bound(high - third)) high -= third;
            else low += third;
        }

        Assert.Equal(Bound(low), ChernoffTail.LogBound(widths, margin), 1e-5 * Math.Max(1, -Bound(low)));
        Assert.Equal(ChernoffTail.LogBound(widths, margin), ChernoffTail.LogBound([.. widths.Select(d => d * 1e-120)], margin * 1e-120), 1e-9);
    }

    [Fact]
    public void No_other_t_gives_less()
    {
        double[] widths = [0.5, 0.1, 0.7, 0.02, 0, 1];
        for (double m = 0.1; m < 2.3; m += 0.1)
        {
            double bound = ChernoffTail.LogBound(widths, m);
            for (double t = 0.01; t < 500; t *= 1.02) Assert.True(bound <= widths.Sum(d => ChernoffTail.LogSinhRatio(t * d)) - t * m + 1e-5);
        }
    }

    [Fact]
    public void Margins_beyond_all_errors_are_never_reached_and_ties_are_no_bound()
    {
        Assert.Equal(double.NegativeInfinity, ChernoffTail.LogBound([0.25, 0.75], 1));
        Assert.Equal(double.NegativeInfinity, ChernoffTail.LogBound([], 1));
        Assert.Equal(0, ChernoffTail.LogBound([0.25, 0.75], 0));
        Assert.InRange(ChernoffTail.LogBound([0.25, 0.75], 0.999), -30, -1);
        Assert.Equal(0, ChernoffTail.LogBound([1e-200], 1e-201));
        Assert.InRange(ChernoffTail.LogBound([1e200 * 1e-50], 0.5e150), -2, 0);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(1, -1)]
    [InlineData(1, double.PositiveInfinity)]
    public void Numbers_out_of_range_are_refused(double margin, double width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ChernoffTail.LogBound([width], margin));
}
