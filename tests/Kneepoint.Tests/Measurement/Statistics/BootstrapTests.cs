using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class BootstrapTests
{
    static double Exponential(Xoshiro256 random) => -Math.Log(1 - random.NextDouble());

    static double Normal(Xoshiro256 random) => Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());

    [Fact]
    public void The_same_seed_gives_the_same_interval()
    {
        var random = new Xoshiro256(3);
        float[] values = [.. Enumerable.Range(0, 500).Select(_ => (float)Normal(random))];
        IMetric metric = new Agreement("y", 2);

        Assert.Equal(Bootstrap.Of(metric.OfCounts(values), 500, 5), Bootstrap.Of(metric.OfCounts(values), 500, 5));
        Assert.NotEqual(Bootstrap.Of(metric.OfCounts(values), 500, 5), Bootstrap.Of(metric.OfCounts(values), 500, 6));
    }

    [Fact]
    public void Many_samples_drawn_in_groups_give_the_width_of_the_formula()
    {
        var random = new Xoshiro256(4);
        const int Count = 50_000;
        float[] values = [.. Enumerable.Range(0, Count).Select(_ => (float)Normal(random))];
        var interval = Bootstrap.Of(counts => WeightedSum.Of(values, 1, 0, counts) / WeightedSum.Of(counts), Count, 1);

        // Half of the width is known to about 3 % from 2000 resamples.
        Assert.Equal(1.96 / Math.Sqrt(Count), (interval.High - interval.Low) / 2, 0.06 * 1.96 / Math.Sqrt(Count));
    }

    [Fact]
    public void Edges_are_said_and_not_hidden()
    {
        Assert.Equal(new Interval(3, 3, 3), Bootstrap.Of(_ => 3, 10, 1));
        Assert.Equal(new Interval(3, double.NaN, double.NaN), Bootstrap.Of(_ => 3, 1, 1));
        Assert.Equal(new Interval(double.NaN, double.NaN, double.NaN), Bootstrap.Of(_ => double.NaN, 10, 1));
        int calls = 0;
        Assert.Equal(new Interval(3, double.NaN, double.NaN), Bootstrap.Of(_ => calls++ == 0 ? 3 : double.NaN, 10, 1));
    }
}
