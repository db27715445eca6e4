using CsCheck;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class NoiseFrontierTests
{
    // Top-1 changes −0.4, −0.1, −0.02, 0 at 0.5, 1, 2 and 4 bits; each ±0.01.
    static readonly NoiseFrontier Accuracy = Of((0.5, -0.4), (1, -0.1), (2, -0.02), (4, 0));

    static readonly Gen<double[]> GenLosses = Gen.Double[-0.1, 1].Array[2, 12];

    [Theory]
    [InlineData(-0.4, 0.5)]
    [InlineData(-0.25, 0.75)]
    [InlineData(-0.1, 1)]
    [InlineData(-0.04, 1.75)]
    [InlineData(-0.01, 3)]
    public void Between_two_points_the_rate_is_read_along_a_line(double change, double rate) =>
        Assert.Equal(rate, Accuracy.RateOfChange(Exactly(change), isMaximized: true)!.Value.Value, 1e-12);

    [Fact]
    public void Beyond_both_ends_rates_are_0_and_infinite()
    {
        var worse = Accuracy.RateOfChange(Exactly(-0.5), isMaximized: true)!.Value;
        var better = Accuracy.RateOfChange(Exactly(0.1), isMaximized: true)!.Value;

        Assert.Equal((0, 0), (worse.Value, worse.Low));
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity), (better.Value, better.High));
    }

    [Fact]
    public void A_metric_that_falls_is_read_the_other_way_round()
    {
        var errors = Of((0.5, 0.4), (1, 0.1), (2, 0.02), (4, 0));
        foreach (double change in new[] { 0.5, 0.33, 0.1, 0.05, 0, -0.2 })
        {
            var cost = new Interval(change, change - 0.02, change + 0.03);
            Assert.Equal(Accuracy.RateOfChange(new Interval(-change, -cost.High, -cost.Low), isMaximized: true), errors.RateOfChange(cost, isMaximized: false));
        }
    }

    [Fact]
    public void Intervals_of_the_cost_and_of_the_frontier_widen_that_of_the_rate()
    {
        var exact = Accuracy.RateOfChange(Exactly(-0.05), isMaximized: true)!.Value;
        var wide = Accuracy.RateOfChange(new Interval(-0.05, -0.08, -0.03), isMaximized: true)!.Value;
        var sharp = (Accuracy with { Points = [.. Accuracy.Points.Select(point => point with { Change = Exactly(point.Change.Value) })] }).RateOfChange(Exactly(-0.05), isMaximized: true)!.Value;

        Assert.Equal(exact.Value, wide.Value);
        Assert.True(wide.Low < exact.Low && wide.High > exact.High);
        Assert.Equal((sharp.Value, sharp.Value), (sharp.Low, sharp.High));
        Assert.Equal(1 + 0.05 / 0.08 - 0.01 / 0.08, exact.Low, 1e-12);
    }

    [Fact]
    public void An_end_that_is_not_known_is_that_of_the_value()
    {
        var known = Accuracy.RateOfChange(Exactly(-0.05), isMaximized: true);

        Assert.Equal(known, Accuracy.RateOfChange(new Interval(-0.05, double.NaN, double.NaN), isMaximized: true));
    }

    [Fact]
    public void Intervals_hold_the_value_and_more_loss_is_never_a_higher_rate() => Gen.Select(GenLosses, Gen.Double[-0.2, 1.2], Gen.Double[0, 0.2], Gen.Double[0, 0.2]).Sample((losses, cost, below, above) =>
    {
        var frontier = Of([.. losses.Select((loss, i) => (0.25 * (i + 1), loss))]);
        var rate = frontier.RateOfChange(new Interval(cost, cost - below, cost + above), isMaximized: false)!.Value;
        var worse = frontier.RateOfChange(Exactly(cost + 0.1), isMaximized: false)!.Value;

        Assert.True(rate.Low <= rate.Value && rate.Value <= rate.High, $"{rate}");
        Assert.True(rate.Low >= 0);
        Assert.True(worse.Value <= rate.Value);
    });

    [Fact]
    public void Pooled_losses_fall_keep_their_sum_and_leave_falling_ones_alone() => GenLosses.Sample(losses =>
    {
        double[] falling = NoiseFrontier.Falling(losses);

        Assert.Equal(losses.Length, falling.Length);
        Assert.Equal(losses.Sum(), falling.Sum(), 1e-9);
        for (int i = 1; i < falling.Length; i++) Assert.True(falling[i] <= falling[i - 1]);
        Assert.Equal([.. losses.OrderDescending()], NoiseFrontier.Falling([.. losses.OrderDescending()]));
    });

    // Least squares among falling sequences: the largest of least means of windows from i on (min-max formula of isotonic regression).
    [Fact]
    public void Pooled_losses_are_the_nearest_falling_ones() => GenLosses.Sample(losses =>
    {
        double[] falling = NoiseFrontier.Falling(losses);
        for (int i = 0; i < losses.Length; i++)
        {
            double expected = Enumerable.Range(0, i + 1).Min(from => Enumerable.Range(i, losses.Length - i).Max(to => losses[from..(to + 1)].Average()));
            Assert.Equal(expected, falling[i], 1e-9);
        }
    });

    [Fact]
    public void Two_points_at_least_are_needed() => Assert.Null(Of((1, -0.1)).RateOfChange(Exactly(-0.1), isMaximized: true));

    // A quarter of the divergence for each bit: a line of its logarithm.
    [Fact]
    public void Divergences_are_read_along_their_logarithm()
    {
        var frontier = Accuracy with { Points = [.. Accuracy.Points.Select(point => point with { Divergence = Exactly(Math.Pow(4, -point.BitsPerWeight)) })] };

        foreach (double rate in new[] { 1.25, 1.5, 2.75 })
        {
            if (rate < Accuracy.Points[0].BitsPerWeight || rate > Accuracy.Points[^1].BitsPerWeight) continue;
            Assert.Equal(rate, frontier.RateOfDivergence(Exactly(Math.Pow(4, -rate)))!.Value.Value, 1e-9);
        }

        Assert.Equal(double.PositiveInfinity, frontier.RateOfDivergence(Exactly(1e-30))!.Value.Value);
        Assert.Equal(double.PositiveInfinity, frontier.RateOfDivergence(Exactly(0))!.Value.Value);
    }

    static Interval Exactly(double value) => new(value, value, value);

    static NoiseFrontier Of(params ReadOnlySpan<(double Rate, double Change)> points)
    {
        var all = new List<NoisePoint>();
        foreach (var (rate, change) in points) all.Add(new NoisePoint(rate, new Interval(change, change - 0.01, change + 0.01), null, new Interval(1 / rate, 0.9 / rate, 1.1 / rate)));
        return new NoiseFrontier(1000, 2, 5000, [.. all]);
    }
}
