using CsCheck;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class PairedProportionsTests
{
    static readonly Gen<(int Gained, int Lost, int N)> Tables =
        from n in Gen.Int[1, 3000]
        from gained in Gen.Int[0, n]
        from lost in Gen.Int[0, n - gained]
        select (gained, lost, n);

    [Fact]
    public void The_interval_leaves_out_zero_exactly_if_mcnemar_finds_a_difference() => Tables.Sample((gained, lost, n) =>
    {
        var change = PairedProportions.Change(gained, lost, n);
        double z = gained == lost ? 0 : Math.Abs(gained - lost) / Math.Sqrt(gained + lost);

        Assert.True(-1 <= change.Low && change.Low <= change.Value && change.Value <= change.High && change.High <= 1);
        if (Math.Abs(z - 1.959963984540054) > 1e-9) Assert.Equal(z > 1.959963984540054, change.Low > 0 || change.High < 0);
    });

    [Fact]
    public void Exchanging_gains_and_losses_mirrors_the_interval() => Tables.Sample((gained, lost, n) =>
    {
        var change = PairedProportions.Change(gained, lost, n);
        var mirrored = PairedProportions.Change(lost, gained, n);
        Assert.Equal(-change.Low, mirrored.High, 1e-9);
        Assert.Equal(-change.High, mirrored.Low, 1e-9);
    });

    // Fagerland, Lydersen and Laake (2014), tables 6 and 7: airway hyper-responsiveness before and after transplantation, 1 and 7 of 21.
    [Fact]
    public void The_interval_is_that_of_a_published_example()
    {
        var change = PairedProportions.Change(1, 7, 21);

        Assert.Equal(-0.517, change.Low, 5e-4);
        Assert.Equal(-0.026, change.High, 5e-4);
    }

    [Fact]
    public void Nothing_gained_or_lost_still_has_a_width()
    {
        var change = PairedProportions.Change(0, 0, 1000);
        const double Z2 = 1.959963984540054 * 1.959963984540054;

        Assert.Equal(Z2 / (1000 + Z2), change.High, 1e-9);
        Assert.Equal(-change.High, change.Low, 1e-9);
    }

    [Theory]
    [InlineData(500, 0.03, 0.05)]
    [InlineData(300, 0.05, 0.05)]
    [InlineData(400, 0.02, 0.08)]
    [InlineData(250, 0.10, 0.05)]
    public void Exact_coverage_of_the_change_is_94_to_96_percent(int n, double gain, double loss)
    {
        // Sums over the tables that are at all likely: six standard deviations and more.
        int mostGained = (int)(n * gain + 7 * Math.Sqrt(n * gain)), mostLost = (int)(n * loss + 7 * Math.Sqrt(n * loss));
        double covered = 0, all = 0, rest = 1 - gain - loss;
        double logGained = n * Math.Log(rest);
        for (int g = 0; g <= mostGained; g++)
        {
            double logBoth = logGained;
            for (int l = 0; l <= mostLost; l++)
            {
                double probability = Math.Exp(logBoth);
                all += probability;
                if (probability > 1e-9)
                {
                    var change = PairedProportions.Change(g, l, n);
                    if (change.Low <= gain - loss && gain - loss <= change.High) covered += probability;
                }

                logBoth += Math.Log((double)(n - g - l) / (l + 1)) + Math.Log(loss / rest);
            }

            logGained += Math.Log((double)(n - g) / (g + 1)) + Math.Log(gain / rest);
        }

        Assert.Equal(1, all, 1e-6);
        Assert.InRange(covered, 0.94, 0.96);
    }

    [Fact]
    public void Mid_p_is_the_binomial_sum() => Gen.Int[0, 60].Select(Gen.Int[0, 60]).Sample((gained, lost) =>
    {
        int trials = gained + lost, m = Math.Min(gained, lost);
        double probability = Math.Pow(0.5, trials), below = 0;
        for (int k = 0; k < m; k++)
        {
            below += probability;
            probability *= (double)(trials - k) / (k + 1);
        }

        double expected = gained == lost ? 1 : Math.Min(1, 2 * below + probability);
        Assert.Equal(expected, PairedProportions.MidP(gained, lost), 1e-9);
    });
}
