using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class FixedRateTests
{
    [Fact]
    public void A_bit_is_six_decibels()
    {
        Assert.Equal(6.0206 * 8 + 4.7712 - 12.0412, FixedRate.UniformDecibels(8, 4), 1e-3);
        Assert.Equal(FixedRate.UniformDecibels(5, 3), -10 * Math.Log10(FixedRate.UniformDistortion(5, 3)), 1e-12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Uniform_numbers_over_the_whole_range_err_as_it_says(int bits)
    {
        float[] values = Draws.Of("uniform", 50_000, 1);
        int levels = 1 << bits;
        double error = values.Average(value => Math.Pow(value - (Math.Min(levels - 1, Math.Floor(value * levels)) + 0.5) / levels, 2));

        // x_max = ½ around the mean; five standard errors of squares of uniform numbers.
        double expected = FixedRate.UniformDistortion(bits, 0.5);
        Assert.Equal(expected, error, expected * 5 * Math.Sqrt(0.8 / values.Length));
    }

    [Fact]
    public void Panter_and_Dite_are_0_72_bit_above_the_rate_distortion_function()
    {
        Assert.Equal(0.722, FixedRate.PanterDiteGapBits, 1e-3);
        double distortion = FixedRate.GaussianDistortion(7, 3);
        Assert.Equal(7 - FixedRate.PanterDiteGapBits, ShannonLowerBound.RateBits(DifferentialEntropy.GaussianBits(3), distortion), 1e-12);
    }

    // Max 1960 and later tables: the best 2^b values for a Gaussian.
    [Theory]
    [InlineData(4, 0.009497, 0.12)]
    [InlineData(5, 0.002499, 0.07)]
    [InlineData(6, 0.0006442, 0.035)]
    public void The_best_values_come_to_it_from_below(int bits, double best, double share) =>
        Assert.InRange(FixedRate.GaussianDistortion(bits, 1) / best, 1, 1 + share);

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedRate.UniformDecibels(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedRate.UniformDecibels(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedRate.UniformDistortion(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedRate.GaussianDistortion(1, 0));
        Assert.Equal(('J', LimitStatus.Conditional), (FixedRate.Statement.Letter, FixedRate.Statement.Status));
    }
}
