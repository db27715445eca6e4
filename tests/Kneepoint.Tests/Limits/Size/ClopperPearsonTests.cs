using CsCheck;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class ClopperPearsonTests
{
    // By mpmath with 40 digits: k, n, δ, lower, upper.
    [Theory]
    [InlineData(0, 10, 0.05, 0, 0.25886555089305228)]
    [InlineData(10, 10, 0.05, 0.74113444910694772, 1)]
    [InlineData(5, 20, 0.025, 0.086571469101434539, 0.49104587170795754)]
    [InlineData(825, 10_000, 0.025, 0.077179810111234799, 0.088064787944828137)]
    [InlineData(1, 1000, 0.001, 1.0004998330832417e-6, 0.0091954976353875924)]
    [InlineData(999, 1000, 0.05, 0.99526500642450022, 0.99994870802109098)]
    [InlineData(9000, 10_000, 0.025, 0.89395310009640048, 0.90581278826621642)]
    [InlineData(3, 1_000_000, 0.05, 8.1769193054631758e-7, 7.7536380988400607e-6)]
    [InlineData(500_000, 1_000_000, 0.025, 0.49901951919531182, 0.50098048080468818)]
    [InlineData(1, 1_000_000_000, 0.05, 5.1293294386235032e-11, 4.7438645095103854e-9)]
    [InlineData(123_456, 1_000_000_000, 0.01, 0.00012264012818717579, 0.00012427581541027423)]
    public void Known_limits_are_reproduced(long k, long n, double failure, double lower, double upper)
    {
        var counted = new ErrorCount(k, n);

        Assert.Equal(lower, ClopperPearson.Lower(counted, failure), 1e-12 * lower);
        Assert.Equal(upper, ClopperPearson.Upper(counted, failure), 1e-12 * upper);
    }

    // The textbook table: 95 % two-sided for 5 of 20 is 8.657 % to 49.105 %.
    [Fact]
    public void The_interval_for_5_of_20_is_that_of_the_tables()
    {
        Assert.Equal(0.08657, ClopperPearson.Lower(new ErrorCount(5, 20), 0.025), 5e-6);
        Assert.Equal(0.49105, ClopperPearson.Upper(new ErrorCount(5, 20), 0.025), 5e-6);
    }

    [Theory]
    [InlineData(7, 0.05)]
    [InlineData(20, 0.025)]
    [InlineData(41, 0.1)]
    [InlineData(20, 0.6)]
    public void Each_limit_holds_with_the_stated_probability_for_every_error_rate(int n, double failure)
    {
        double[] lower = [.. Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Lower(new ErrorCount(k, n), failure))];
        double[] upper = [.. Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Upper(new ErrorCount(k, n), failure))];
        for (int i = 1; i < 1000; i++)
        {
            double p = i / 1000.0;
            double[] probabilities = Probabilities(n, p);
            Assert.True(probabilities.Where((_, k) => lower[k] <= p).Sum() >= 1 - failure - 1e-12);
            Assert.True(probabilities.Where((_, k) => upper[k] >= p).Sum() >= 1 - failure - 1e-12);
        }
    }

    [Fact]
    public void At_the_limits_the_tails_have_the_stated_probability() =>
        Gen.Select(Gen.Int[1, 300], Gen.Double[0.001, 0.5]).SelectMany((n, failure) => Gen.Int[0, n].Select(k => (k, n, failure))).Sample((k, n, failure) =>
        {
            double lower = ClopperPearson.Lower(new ErrorCount(k, n), failure), upper = ClopperPearson.Upper(new ErrorCount(k, n), failure);
            Assert.True(lower <= (double)k / n && (double)k / n <= upper);
            if (k > 0) Assert.Equal(failure, Probabilities(n, lower)[k..].Sum(), 1e-9 * failure);
            if (k < n) Assert.Equal(failure, Probabilities(n, upper)[..(k + 1)].Sum(), 1e-9 * failure);
        });

    [Fact]
    public void Half_of_a_billion_errors_have_the_limits_of_the_normal_distribution()
    {
        const long n = 1_000_000_000;
        double lower = ClopperPearson.Lower(new ErrorCount(n / 2, n), 0.025);

        // Half a count further out, for the steps of whole numbers.
        Assert.Equal(0.5 - 1.959963984540054 * Math.Sqrt(0.25 / n) - 0.5 / n, lower, 1e-12);
        Assert.Equal(1 - lower, ClopperPearson.Upper(new ErrorCount(n / 2, n), 0.025), 1e-15);
    }

    [Fact]
    public void Errors_and_hits_mirror_each_other() =>
        Gen.Int[1, 5000].SelectMany(n => Gen.Int[0, n].Select(k => (k, n))).Sample((k, n) =>
            Assert.Equal(1 - ClopperPearson.Lower(new ErrorCount(k, n), 0.03), ClopperPearson.Upper(new ErrorCount(n - k, n), 0.03), 1e-14));

    [Fact]
    public void What_is_no_count_or_no_probability_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErrorCount(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErrorCount(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErrorCount(4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClopperPearson.Lower(default, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClopperPearson.Upper(default, 0.05));
        foreach (double failure in new[] { 0, 1, -0.1, double.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ClopperPearson.Lower(new ErrorCount(1, 2), failure));
            Assert.Throws<ArgumentOutOfRangeException>(() => ClopperPearson.Upper(new ErrorCount(1, 2), failure));
        }
    }

    static double[] Probabilities(int n, double p)
    {
        double[] probabilities = new double[n + 1];
        double logBinomial = 0;
        for (int k = 0; k <= n; k++)
        {
            probabilities[k] = Math.Exp(logBinomial + k * Math.Log(p) + (n - k) * Math.Log(1 - p));
            logBinomial += Math.Log((double)(n - k) / (k + 1));
        }

        return probabilities;
    }
}
