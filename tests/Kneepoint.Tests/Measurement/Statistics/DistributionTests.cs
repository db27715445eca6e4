using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class DistributionTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(-3, 1.349898031630095e-3)]
    [InlineData(-6, 9.865876450376946e-10)]
    [InlineData(-20, 2.7536241186062337e-89)]
    public void Normal_probabilities_are_those_of_tables(double z, double p)
    {
        Assert.Equal(1, NormalDistribution.Cumulative(z) / p, 1e-11);
        Assert.Equal(z, NormalDistribution.Quantile(p), 1e-9);
    }

    [Fact]
    public void Normal_probability_grows_through_the_seam_of_its_two_formulas()
    {
        for (double z = 2.9; z < 3.1; z += 1e-3) Assert.True(NormalDistribution.Cumulative(z) < NormalDistribution.Cumulative(z + 1e-3));
        Assert.Equal(NormalDistribution.Cumulative(-3.0000001), NormalDistribution.Cumulative(-2.9999999), 1e-8);
    }

    // Abramowitz and Stegun, table 26.10.
    [Theory]
    [InlineData(1, 0.95, 12.706205)]
    [InlineData(2, 0.95, 4.302653)]
    [InlineData(4, 0.95, 2.776445)]
    [InlineData(4, 0.99, 4.604095)]
    [InlineData(9, 0.95, 2.262157)]
    [InlineData(30, 0.99, 2.749996)]
    [InlineData(120, 0.95, 1.979930)]
    [InlineData(5000, 0.95, 1.960439)]
    public void Student_quantiles_are_those_of_tables(int degrees, double confidence, double t) =>
        Assert.Equal(t, StudentDistribution.TwoSided(confidence, degrees), 2e-6);

    [Fact]
    public void Random_numbers_are_the_published_ones_for_a_seed()
    {
        // SplitMix64 of seed 1 fills the state; the first outputs are fixed for all time.
        var a = new Xoshiro256(1);
        ulong[] first = [a.Next(), a.Next(), a.Next()];

        Assert.Equal([12966619160104079557, 9600361134598540522, 10590380919521690900], first);
    }

    [Fact]
    public void Random_integers_are_even_over_their_range()
    {
        var random = new Xoshiro256(7);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) counts[random.Below(7)]++;

        // Standard deviation of a count is 93.
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }
}
