using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class NoisePointTests
{
    const double Normal95 = 1.959963984540054;

    [Fact]
    public void The_value_is_the_mean_of_the_draws_and_their_scatter_widens_the_interval()
    {
        var draws = new NoiseDraws(1.5, [new Interval(-0.02, -0.03, -0.01), new Interval(-0.04, -0.06, -0.03)], null);

        var alike = NoisePoint.Of(draws, relativeDeviation: 0, quantile: 4, labels: 0);
        var scattered = NoisePoint.Of(draws, relativeDeviation: 0.2, quantile: 4, labels: 0);

        Assert.Equal((1.5, null), (alike.BitsPerWeight, alike.LabelNats));
        Assert.Equal(-0.03, alike.Change.Value, 1e-12);
        Assert.Equal(-0.03 - 0.015, alike.Change.Low, 1e-12);
        Assert.Equal(-0.03 + 0.01, alike.Change.High, 1e-12);

        // t·c·|mean| ÷ √2.
        double spread = 4 * 0.2 * 0.03 / Math.Sqrt(2);
        Assert.Equal(-0.03 - Math.Sqrt(0.015 * 0.015 + spread * spread), scattered.Change.Low, 1e-12);
        Assert.Equal(-0.03 + Math.Sqrt(0.01 * 0.01 + spread * spread), scattered.Change.High, 1e-12);
    }

    [Fact]
    public void Label_costs_scatter_by_their_divergence()
    {
        var draws = new NoiseDraws(1, [new Interval(0, 0, 0), new Interval(0, 0, 0)], [0.08, 0.12]);

        var nats = NoisePoint.Of(draws, 0, 4, labels: 500).LabelNats!.Value;

        Assert.Equal(0.1, nats.Value, 1e-12);
        Assert.Equal(Normal95 * Math.Sqrt(2 * 0.1 / 500), nats.High - nats.Value, 1e-12);
        Assert.Equal(nats.High - nats.Value, nats.Value - nats.Low, 1e-12);
        Assert.Equal(0, NoisePoint.HalfWidthOfLabels(0, 500));
        Assert.Equal(NoisePoint.HalfWidthOfLabels(0.1, 1), NoisePoint.HalfWidthOfLabels(0.1, 0));
    }

    // Labels drawn as p says; q is near: ln p(y) − ln q(y) has the variance 2·KL(p‖q) to second order.
    [Fact]
    public void The_scatter_of_label_costs_is_that_of_drawn_labels()
    {
        double[] p = [0.5, 0.3, 0.2], q = [0.47, 0.34, 0.19];
        double divergence = p.Zip(q).Sum(pair => pair.First * Math.Log(pair.First / pair.Second));
        double second = p.Zip(q).Sum(pair => pair.First * Math.Pow(Math.Log(pair.First / pair.Second), 2));
        double deviation = Math.Sqrt(second - divergence * divergence);

        Assert.InRange(NoisePoint.HalfWidthOfLabels(divergence, 100) / (Normal95 * deviation / 10), 0.95, 1.05);
    }

    [Fact]
    public void A_gain_that_is_seen_by_chance_has_no_interval_of_no_number()
    {
        var nats = NoisePoint.Of(new NoiseDraws(5, [default, default], [-0.001, -0.003]), 0.5, 4, 100).LabelNats!.Value;

        Assert.Equal(-0.002, nats.Value, 1e-12);
        Assert.True(nats.Low < nats.Value && nats.High > nats.Value);
    }

    [Fact]
    public void Deviations_are_those_of_labels_where_there_are_labels()
    {
        Interval[] changes = [new(-0.1, -0.1, -0.1), new(-0.3, -0.3, -0.3)];

        var metric = new NoiseDraws(1, changes, null);
        Assert.Equal(-0.2, metric.Mean, 1e-12);
        Assert.Equal(0.02 / 0.04, metric.RelativeVariance, 1e-12);
        var labels = new NoiseDraws(1, changes, [2, 4]);
        Assert.Equal(3, labels.Mean, 1e-12);
        Assert.Equal(2.0 / 9, labels.RelativeVariance, 1e-12);
        Assert.Equal(0, new NoiseDraws(1, [default, default], null).RelativeVariance);
        Assert.Equal(0, new NoiseDraws(1, [changes[0]], null).RelativeVariance);
    }

    [Fact]
    public void Draws_are_compared_with_the_network_without_noise_sample_by_sample()
    {
        SampleScores Scores(double nats, params float[] values) => new(values, 1) { Labels = new LabelCost(nats, 4) };
        var clean = Scores(2, 1, 1, 1, 0);

        var draws = NoiseDraws.Of(0.5, new TopK(1, "y"), [Scores(4, 1, 0, 0, 0), Scores(3, 1, 1, 1, 0)], clean, seed: 1);

        Assert.Equal([-0.5, 0], draws.Changes.Select(change => change.Value));
        Assert.Equal([0.5, 0.25], draws.LabelNats!);
        Assert.Null(NoiseDraws.Of(0.5, new TopK(1, "y"), [new SampleScores([1, 1, 1, 1], 1)], new SampleScores([1, 1, 1, 0], 1), 1).LabelNats);
    }
}
