using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Racing;

namespace Kneepoint.Tests.Measurement.Racing;

public sealed class RaceTests
{
    const int Batch = 32;
    const double Risk = 0.05;

    // Of samples that the rival has wrong and right: how many the variant gains and loses. Nobody doubts any.
    [Theory]
    [InlineData(1000, 100, 50, 450, 96)]
    [InlineData(10_000, 1000, 200, 2000, 160)]
    [InlineData(10_000, 1000, 100, 400, 1000)]
    [InlineData(1000, 100, 3, 3, 160)]
    [InlineData(1000, 100, 10, 10, 450)]
    [InlineData(10_000, 1000, 10, 30, 2300)]
    public void A_variant_that_is_not_better_is_given_up_early(int count, int wrong, int gains, int losses, int most)
    {
        const int Seeds = 6;
        double seen = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var (change, evaluation) = Run(count, wrong, gains, losses, seed);
            seen += evaluation.Seen;
            if (change is not { } found) continue;
            Assert.InRange(found.Value, found.Low, found.High);
            Assert.False(found.Low > 0);
        }

        Assert.InRange(seen / Seeds, 32, most);
    }

    // As most variants are: tied. Losses lie among the 5 % that others had wrong.
    [Theory]
    [InlineData(1000, 100, 3, 3, 160)]
    [InlineData(1000, 100, 10, 10, 200)]
    [InlineData(10_000, 500, 20, 20, 1000)]
    public void Where_others_were_wrong_losses_are_soon_found(int count, int wrong, int gains, int losses, int most)
    {
        int[] doubts = [.. Enumerable.Range(0, count).Select(i => i >= wrong && i < wrong + count / 20 ? 1 + (i & 3) : 0)];
        for (int seed = 0; seed < 4; seed++)
        {
            var (change, evaluation) = Run(count, wrong, gains, losses, seed, doubts: doubts);

            Assert.InRange((gains - losses) / (double)count, change!.Value.Low, change.Value.High);
            Assert.InRange(evaluation.Seen, 32, most);
        }
    }

    // The paired test on all samples finds these variants better: to be given up is an error.
    [Theory]
    [InlineData(1000, 100, 40, 18)]
    [InlineData(1000, 100, 6, 0)]
    [InlineData(1000, 300, 60, 38)]
    [InlineData(300, 30, 12, 3)]
    public void A_variant_that_is_better_is_given_up_no_more_often_than_the_risk(int count, int wrong, int gains, int losses)
    {
        const int Simulations = 200;
        Assert.True(PairedChange.IsGain(gains, losses));
        // Doubts that find all losses first, and none.
        int[] doubts = [.. Enumerable.Range(0, count).Select(i => i >= wrong && i < wrong + 2 * losses ? 2 * losses - i : 0)];
        foreach (int[]? known in new[] { null, doubts })
        {
            int errors = Enumerable.Range(0, Simulations).Count(seed => Run(count, wrong, gains, losses, seed, doubts: known).Change is not null);
            Assert.InRange(errors, 0, Risk * Simulations);
        }
    }

    // One at a time, as networks are that take ranges from their batch: parts need not be whole batches.
    [Fact]
    public void A_race_of_single_samples_ends_as_early()
    {
        Assert.InRange(Run(1000, 100, 50, 450, seed: 1, batch: 1).Evaluation.Seen, 32, 96);
        Assert.Null(Run(1000, 100, 50, 5, seed: 1, batch: 1).Change);
    }

    [Fact]
    public void A_variant_that_is_not_given_up_has_seen_all_samples()
    {
        var (change, evaluation) = Run(1000, 100, 50, 5, seed: 3);

        Assert.Null(change);
        Assert.Equal(945, evaluation.All().Values.Sum());
    }

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(500, 0, 0)]
    [InlineData(500, 250, 0)]
    public void Rivals_that_have_all_right_or_all_wrong_are_rivals_too(int wrong, int gains, int losses)
    {
        var (change, _) = Run(500, wrong, gains, losses, seed: 3);

        Assert.Equal(gains == 0, change is not null);
    }

    [Fact]
    public void A_metric_that_is_minimized_has_its_right_samples_at_zero()
    {
        Assert.NotNull(Run(1000, 100, 5, 300, seed: 3, right: 0).Change);
        Assert.Null(Run(1000, 300, 200, 5, seed: 3, right: 0).Change);
    }

    [Fact]
    public void The_seed_alone_decides_the_order()
    {
        Assert.Equal(Run(1000, 100, 5, 50, seed: 4).Change, Run(1000, 100, 5, 50, seed: 4).Change);
        Assert.NotEqual(Run(1000, 100, 5, 50, seed: 4).Change, Run(1000, 100, 5, 50, seed: 6).Change);
    }

    // In the data's order all that matters comes first, so that an order that is not random would show.
    static (Interval? Change, GrowingEvaluation Evaluation) Run(int count, int wrong, int gains, int losses, long seed, float right = 1, int[]? doubts = null, int batch = Batch)
    {
        bool[] rival = [.. Enumerable.Range(0, count).Select(i => i >= wrong)];
        bool[] variant = [.. Enumerable.Range(0, count).Select(i => i < wrong ? i < gains : i >= wrong + losses)];
        using var data = new FakeData([.. variant.Select(isRight => isRight == (right == 1) ? new float[] { 1, 0 } : [0, 1])], new long[count]);
        using var network = new FakeNetwork(row => row);
        var evaluation = new GrowingEvaluation(new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = batch }, network, data, null);
        var race = new Race { Rival = new SampleScores([.. rival.Select(isRight => isRight ? right : 1 - right)], 1), Doubts = doubts ?? new int[count], Right = right, Risk = Risk, Seed = seed };
        return (race.Run(evaluation, batch, null, TestContext.Current.CancellationToken), evaluation);
    }
}
