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
        var draws = new NoiseDraws(1.5, [new Interval(-0.02, -0.03, -0.01), new Interval(-0.04, -0.06, -0.03)], [0.1, 0.2], [new OutputDistance(0.08, 0.01, null), new OutputDistance(0.12, 0.03, null)]);

        var point = NoisePoint.Of(draws, relativeDeviation: 0.2, quantile: 4);

        Assert.Equal(1.5, point.BitsPerWeight);
        Assert.Equal(0.15, point.LabelNats!.Value, 1e-12);
        Assert.Equal(-0.03, point.Change.Value, 1e-12);

        // 1.96·s ÷ √2 with s = 0.02 ÷ √2.
        double spread = Normal95 * 0.01;
        Assert.Equal(-0.03 - Math.Sqrt(0.015 * 0.015 + spread * spread), point.Change.Low, 1e-6);
        Assert.Equal(-0.03 + Math.Sqrt(0.01 * 0.01 + spread * spread), point.Change.High, 1e-6);

        // t·c·mean ÷ √2.
        double pooled = 4 * 0.2 * 0.1 / Math.Sqrt(2);
        Assert.Equal(0.1, point.Divergence.Value, 1e-12);
        Assert.Equal(0.1 + Math.Sqrt(0.02 * 0.02 + pooled * pooled), point.Divergence.High, 1e-12);
        Assert.Equal(point.Divergence.High - 0.1, 0.1 - point.Divergence.Low, 1e-12);
    }

    [Fact]
    public void Deviations_are_those_of_the_divergence()
    {
        Interval[] changes = [new(-0.1, -0.1, -0.1), new(-0.3, -0.3, -0.3)];

        var draws = new NoiseDraws(1, changes, null, [new OutputDistance(2, 0, null), new OutputDistance(4, 0, null)]);

        Assert.Equal(3, draws.MeanDivergence, 1e-12);
        Assert.Equal(2.0 / 9, draws.RelativeVariance, 1e-12);
        Assert.Equal(0, new NoiseDraws(1, changes, null, [new OutputDistance(0, 0, null), new OutputDistance(0, 0, null)]).RelativeVariance);
        Assert.Equal(0, new NoiseDraws(1, [changes[0]], null, [new OutputDistance(2, 0, null)]).RelativeVariance);
    }

    [Fact]
    public void Draws_are_compared_with_the_network_without_noise_sample_by_sample()
    {
        SampleScores Scores(double nats, params float[] values) => new(values, 1) { Labels = new LabelCost(nats, 4) };
        var clean = Scores(2, 1, 1, 1, 0);
        OutputDistance[] distances = [new(0.1, 0.01, 20), new(0.2, 0.01, 17)];

        var draws = NoiseDraws.Of(0.5, new TopK(1, "y"), [Scores(4, 1, 0, 0, 0), Scores(3, 1, 1, 1, 0)], clean, distances, seed: 1);

        Assert.Equal([-0.5, 0], draws.Changes.Select(change => change.Value));
        Assert.Equal([0.5, 0.25], draws.LabelNats!);
        Assert.Same(distances, draws.Distances);
        Assert.Null(NoiseDraws.Of(0.5, new TopK(1, "y"), [new SampleScores([1, 1, 1, 1], 1)], new SampleScores([1, 1, 1, 0], 1), distances, 1).LabelNats);
    }
}
