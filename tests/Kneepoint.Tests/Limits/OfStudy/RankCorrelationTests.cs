using CsCheck;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class RankCorrelationTests
{
    static readonly Gen<(double First, double Second)[]> GenPairs = Gen.Select(Gen.Int[0, 6].Select(i => (double)i), Gen.Double[-1, 1]).Array[3, 20];

    [Fact]
    public void A_published_example_has_its_published_value() =>
        Assert.Equal(-29.0 / 165, RankCorrelation.Of([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17])!.Value, 1e-12);

    [Fact]
    public void Equal_numbers_share_the_mean_of_their_ranks() =>
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Of([1, 2, 2, 3], [1, 2, 3, 4])!.Value, 1e-12);

    [Fact]
    public void Only_the_order_counts_and_zeros_of_both_signs_and_infinities_are_numbers()
    {
        Assert.Equal(1, RankCorrelation.Of([0, 1e-300, double.PositiveInfinity], [double.NegativeInfinity, -5, 1e300])!.Value, 1e-12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [9, 8, -7])!.Value, 1e-12);
        Assert.Equal(RankCorrelation.Of([0.0, 0.0, 1], [1, 2, 3]), RankCorrelation.Of([0.0, -0.0, 1], [1, 2, 3]));
    }

    [Fact]
    public void It_is_the_correlation_of_ranks_that_are_counted_one_by_one() => GenPairs.Sample(pairs =>
    {
        double[] first = [.. pairs.Select(pair => pair.First)], second = [.. pairs.Select(pair => pair.Second)];
        double? found = RankCorrelation.Of(first, second), expected = Pearson(Ranks(first), Ranks(second));

        Assert.Equal(expected is null, found is null);
        if (expected is { } number) Assert.Equal(number, found!.Value, 1e-12);
        Assert.Equal(found, RankCorrelation.Of(second, first));
        if (found is { } one) Assert.Equal(-one, RankCorrelation.Of([.. first.Select(value => -value)], second)!.Value, 1e-12);
    });

    [Fact]
    public void Of_fewer_than_three_pairs_or_of_equal_numbers_there_is_none()
    {
        Assert.Null(RankCorrelation.Of([], []));
        Assert.Null(RankCorrelation.Of([1, 2], [1, 2]));
        Assert.Null(RankCorrelation.Of([1, 1, 1], [1, 2, 3]));
        Assert.Null(RankCorrelation.Of([1, 2, 3], [4, 4, 4]));
    }

    [Fact]
    public void Numbers_without_a_partner_are_refused() => Assert.Throws<ArgumentException>(() => RankCorrelation.Of([1, 2, 3], [1, 2]));

    static double[] Ranks(double[] values) => [.. values.Select(value => values.Count(other => other < value) + (values.Count(other => other == value) + 1) / 2.0)];

    static double? Pearson(double[] a, double[] b)
    {
        double left = a.Average(), right = b.Average(), product = a.Zip(b).Sum(pair => (pair.First - left) * (pair.Second - right));
        double scale = Math.Sqrt(a.Sum(x => (x - left) * (x - left)) * b.Sum(x => (x - right) * (x - right)));
        return scale > 0 ? product / scale : null;
    }
}
