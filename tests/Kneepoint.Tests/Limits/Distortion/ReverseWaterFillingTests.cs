using CsCheck;
using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class ReverseWaterFillingTests
{
    static readonly Gen<ComponentGroup[]> Groups = Gen.Select(Gen.Double[-12, 8], Gen.Int[1, 1000]).Select((exponent, count) => new ComponentGroup(Math.Pow(10, exponent), count)).Array[1, 30];

    [Fact]
    public void Level_rate_and_distortion_lead_to_one_another() =>
        Gen.Select(Groups, Gen.Double[0, 1]).Sample((groups, share) =>
        {
            var water = new ReverseWaterFilling(groups);
            double least = groups.Min(group => group.WeightedVariance);
            var point = water.AtLevel(Math.Exp(Math.Log(0.01 * least) + share * Math.Log(water.MostLevel / (0.01 * least))));
            if (point.RateBits < 1e-6) return;

            var byRate = water.AtRate(point.RateBits);
            Close(point.WaterLevel, byRate.WaterLevel, 1e-12);
            Close(point.Distortion, byRate.Distortion, 1e-12);
            var byDistortion = water.AtDistortion(point.Distortion);
            Assert.Equal(point.RateBits, byDistortion.RateBits, 1e-9 * groups.Sum(group => group.Count) * Conditioning(groups, point));
        }, iter: 500);

    [Fact]
    public void Rate_and_distortion_are_the_sums_of_the_formula() =>
        Gen.Select(Groups, Gen.Double[-12, 8]).Sample((groups, exponent) =>
        {
            double level = Math.Pow(10, exponent);
            var point = new ReverseWaterFilling(groups).AtLevel(level);

            Close(groups.Sum(group => group.Count * Math.Max(0, 0.5 * Math.Log2(group.WeightedVariance / level))), point.RateBits, 1e-10);
            Close(groups.Sum(group => group.Count * ReverseWaterFilling.ComponentDistortion(group.WeightedVariance, level)), point.Distortion, 1e-12);
            Close(groups.Sum(group => group.Count * ReverseWaterFilling.ComponentBits(group.WeightedVariance, level)), point.RateBits, 1e-10);
        });

    [Fact]
    public void No_other_split_of_the_bits_errs_less()
    {
        var random = new Random(1);
        for (int round = 0; round < 10; round++)
        {
            double[] variances = [.. Enumerable.Range(0, 5).Select(_ => Math.Exp(3 * Draws.Normal(random)))];
            double rateBits = 8 * random.NextDouble();

            double distortion = new ReverseWaterFilling([.. variances.Select(variance => new ComponentGroup(variance, 1))]).AtRate(rateBits).Distortion;

            Close(LeastBySplitting(variances, rateBits), distortion, 1e-6);
        }
    }

    [Fact]
    public void Equal_variances_have_the_rate_of_one_Gaussian()
    {
        var water = new ReverseWaterFilling([new(2, 30), new(2, 70)]);

        Assert.Equal(100 * 0.5 * Math.Log2(2 / 0.3), water.AtDistortion(30).RateBits, 1e-10);
        Assert.Equal(0.3, water.AtDistortion(30).WaterLevel, 1e-14);
        Assert.Equal(200 * Math.Pow(4, -3), water.AtRate(300).Distortion, 1e-12);
    }

    [Fact]
    public void What_has_no_variance_takes_neither_bits_nor_error()
    {
        var without = new ReverseWaterFilling([new(3, 5), new(0.1, 7)]);
        var with = new ReverseWaterFilling([new(3, 5), new(0, 1_000_000), new(0.1, 7), new(1, 0)]);

        Assert.Equal(without.AtRate(9), with.AtRate(9));
        Assert.Equal(new WaterFilling(0, 0, 0), new ReverseWaterFilling([new(0, 4)]).AtRate(5));
    }

    [Fact]
    public void Without_bits_all_variance_is_error_and_more_cannot_be()
    {
        var water = new ReverseWaterFilling([new(3, 5), new(0.1, 7)]);

        Assert.Equal(15.7, water.AtRate(0).Distortion, 1e-14);
        Assert.Equal(new WaterFilling(3, 0, water.MostDistortion), water.AtDistortion(99));
        Assert.Equal(15.7, water.AtLevel(3).Distortion, 1e-14);
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        var water = new ReverseWaterFilling([new(1, 1)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReverseWaterFilling([new(-1, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReverseWaterFilling([new(double.NaN, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReverseWaterFilling([new(1, -1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => water.AtLevel(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => water.AtRate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => water.AtRate(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => water.AtDistortion(0));
    }

    [Fact]
    public void It_is_conditional() => Assert.Equal(('F', LimitStatus.Conditional), (ReverseWaterFilling.Statement.Letter, ReverseWaterFilling.Statement.Status));

    // Σ v 4^(−r) over r ≥ 0 with a given sum: bits go from one number to another while that helps.
    static double LeastBySplitting(double[] variances, double rateBits)
    {
        double[] bits = [.. variances.Select(_ => rateBits / variances.Length)];
        for (int sweep = 0; sweep < 60; sweep++)
        {
            for (int i = 0; i < bits.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    double both = bits[i] + bits[j], low = 0, high = both;
                    for (int step = 0; step < 80; step++)
                    {
                        double a = low + (high - low) / 3, b = high - (high - low) / 3;
                        if (Error(variances[i], a) + Error(variances[j], both - a) < Error(variances[i], b) + Error(variances[j], both - b)) high = b;
                        else low = a;
                    }

                    (bits[i], bits[j]) = (low, both - low);
                }
            }
        }

        return bits.Select((rate, i) => Error(variances[i], rate)).Sum();
    }

    static double Error(double variance, double bits) => variance * Math.Pow(4, -bits);

    // A level is known from a distortion only as well as what is under water leaves digits of it.
    static double Conditioning(ComponentGroup[] groups, WaterFilling point) =>
        1 + 1e-6 * point.Distortion / (point.WaterLevel * groups.Where(group => group.WeightedVariance > point.WaterLevel).Sum(group => group.Count));

    static void Close(double expected, double actual, double relative) => Assert.Equal(expected, actual, Math.Abs(expected) * relative);
}
