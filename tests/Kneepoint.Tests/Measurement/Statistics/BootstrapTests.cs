using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class BootstrapTests
{
    const int Simulations = 1000;

    static double Exponential(Xoshiro256 random) => -Math.Log(1 - random.NextDouble());

    static double Normal(Xoshiro256 random) => Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());

    static double Coverage(int n, double truth, int seed, Func<Xoshiro256, FigureOfCounts> draw)
    {
        int covered = 0;
        Parallel.For(0, Simulations, s =>
        {
            var interval = Bootstrap.Of(draw(new Xoshiro256(seed + s)), n, s);
            Assert.True(interval.Low <= interval.Value && interval.Value <= interval.High);
            if (interval.Low <= truth && truth <= interval.High) Interlocked.Increment(ref covered);
        });
        return (double)covered / Simulations;
    }

    // The standard error of a coverage from 1000 simulations is 0.7 %; the seeds are fixed, larger runs agree.
    [Fact]
    public void Simulated_coverage_for_sequences_is_94_to_96_percent()
    {
        // Sequences of 20 tokens whose loss has a part of its own: tokens of one sequence are not independent.
        IMetric metric = new NegativeLogLikelihood("y");
        double coverage = Coverage(100, 2, seed: 1, random => metric.OfCounts([.. Enumerable.Range(0, 100).SelectMany(_ =>
        {
            double own = Exponential(random);
            double sum = 0;
            for (int t = 0; t < 20; t++) sum += own + Exponential(random);
            return new[] { (float)sum, 20f };
        })]));

        Assert.InRange(coverage, 0.94, 0.96);
    }

    [Fact]
    public void Simulated_coverage_of_a_paired_change_is_94_to_96_percent()
    {
        // Errors of both networks follow the sample's difficulty; the second is worse by 0.1 on average.
        IMetric metric = new SquaredError("y");
        double coverage = Coverage(120, 0.1, seed: 9000, random =>
        {
            var first = new List<float>();
            var second = new List<float>();
            for (int i = 0; i < 120; i++)
            {
                double difficulty = Exponential(random);
                first.AddRange([(float)difficulty, 1]);
                second.AddRange([(float)(difficulty + 0.2 * Exponential(random) - 0.1 + 0.05 * Normal(random)), 1]);
            }

            var ofFirst = metric.OfCounts([.. first]);
            var ofSecond = metric.OfCounts([.. second]);
            return counts => ofSecond(counts) - ofFirst(counts);
        });

        Assert.InRange(coverage, 0.94, 0.96);
    }

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
