using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class DrawnCountTests
{
    // Every order of drawing, with its probability: no simulation, no slack.
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(8, 0.3)]
    [InlineData(25, 0.1)]
    [InlineData(60, 0.05)]
    [InlineData(200, 0.02)]
    public void The_number_ever_lies_outside_of_the_bounds_with_at_most_the_risk(int items, double risk)
    {
        double worst = Enumerable.Range(0, items + 1).Max(total => ChanceOfEverMissing(items, total, risk));

        Assert.InRange(worst, items > 8 ? risk / 100 : 0, risk);
    }

    [Fact]
    public void Bounds_are_where_the_ratio_of_prior_and_posterior_reaches_the_limit()
    {
        const int Items = 40;
        const double Risk = 0.123;
        for (int drawn = 0; drawn <= Items; drawn++)
        {
            for (int marked = 0; marked <= drawn; marked++)
            {
                var within = Enumerable.Range(0, Items + 1).Where(total => Prior(marked, drawn) < Likelihood(Items, total, drawn, marked) / Risk).ToList();
                Assert.Equal((within[0], within[^1]), Parts(DrawnCount.Of(Items, drawn, marked, Risk)));
                Assert.Equal(within[^1] - within[0] + 1, within.Count);
            }
        }
    }

    [Fact]
    public void All_drawn_leaves_the_number_itself_and_none_drawn_leaves_all()
    {
        Assert.Equal((7, 7), Parts(DrawnCount.Of(900, 900, 7, 0.01)));
        Assert.Equal((0, 900), Parts(DrawnCount.Of(900, 0, 0, 0.01)));
        Assert.Equal((0, 0), Parts(DrawnCount.Of(0, 0, 0, 0.01)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1000)]
    public void Logarithms_of_factorials_are_sums_of_logarithms(int n) =>
        Assert.Equal(Enumerable.Range(1, n).Sum(i => Math.Log(i)), LogFactorial.Of(n), 1e-9);

    static (int, int) Parts(DrawnCount count) => (count.Least, count.Most);

    // chances[x]: that x of those drawn are marked, and the bounds have held so far.
    static double ChanceOfEverMissing(int items, int total, double risk)
    {
        double[] chances = [1];
        double missed = 0;
        for (int drawn = 1; drawn <= items; drawn++)
        {
            double[] next = new double[drawn + 1];
            for (int marked = 0; marked < drawn; marked++)
            {
                double share = Math.Clamp((double)(total - marked) / (items - drawn + 1), 0, 1);
                next[marked + 1] += chances[marked] * share;
                next[marked] += chances[marked] * (1 - share);
            }

            for (int marked = 0; marked <= drawn; marked++)
            {
                if (next[marked] == 0) continue;
                var bounds = DrawnCount.Of(items, drawn, marked, risk);
                if (bounds.Least <= total && total <= bounds.Most) continue;
                missed += next[marked];
                next[marked] = 0;
            }

            chances = next;
        }

        return missed;
    }

    static double Prior(int marked, int drawn) => Central(marked) * Central(drawn - marked);

    static double Central(int k) => Choose(2 * k, k) / Math.Pow(4, k);

    static double Likelihood(int items, int total, int drawn, int marked) =>
        marked > total || drawn - marked > items - total ? 0 : Choose(total, marked) * Choose(items - total, drawn - marked) / Choose(items, drawn);

    static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);

    [Theory]
    [InlineData(12, 5)]
    [InlineData(40, 17)]
    [InlineData(40, 40)]
    public void What_speaks_against_the_true_number_is_no_gain_on_average_and_what_cannot_be_has_everything_against_it(int items, int drawn)
    {
        for (int total = 0; total <= items; total++)
        {
            double mean = 0;
            for (int marked = Math.Max(0, drawn - (items - total)); marked <= Math.Min(drawn, total); marked++)
            {
                mean += Choose(total, marked) * Choose(items - total, drawn - marked) / Choose(items, drawn) * Math.Exp(DrawnCount.LogEvidence(items, total, drawn, marked));
            }

            Assert.InRange(mean, 0, 1 + 1e-9);
            Assert.Equal(double.PositiveInfinity, DrawnCount.LogEvidence(items, total, drawn, total + 1));
        }
    }
}
