using CsCheck;
using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class ShannonLowerBoundTests
{
    [Fact]
    public void For_a_Gaussian_it_is_the_rate_distortion_function() =>
        Gen.Select(Gen.Double[0.01, 100], Gen.Double[0.001, 1]).Sample((variance, share) =>
            Assert.Equal(-0.5 * Math.Log2(share), ShannonLowerBound.RateBits(DifferentialEntropy.GaussianBits(variance), share * variance), 1e-12));

    [Fact]
    public void Rate_and_distortion_lead_to_one_another() =>
        Gen.Select(Gen.Double[-20, 20], Gen.Double[0, 20]).Sample((entropyBits, rateBits) =>
            Assert.Equal(rateBits, ShannonLowerBound.RateBits(entropyBits, ShannonLowerBound.Distortion(entropyBits, rateBits)), 1e-12));

    [Fact]
    public void At_one_variance_a_Gaussian_has_the_most_entropy()
    {
        Assert.Equal(2.0470956, DifferentialEntropy.GaussianBits(1), 1e-7);
        Assert.Equal(1.9426950, DifferentialEntropy.LaplaceBits(Math.Sqrt(0.5)), 1e-7);
        Assert.Equal(1.7924813, DifferentialEntropy.UniformBits(Math.Sqrt(12)), 1e-7);
    }

    [Fact]
    public void Without_a_density_it_says_nothing() => Assert.Equal(0, ShannonLowerBound.RateBits(double.NegativeInfinity, 1e-9));

    [Fact]
    public void It_is_conditional_for_named_densities_and_an_estimate_for_estimated_ones()
    {
        Assert.Equal(('G', LimitStatus.Conditional), (ShannonLowerBound.Statement.Letter, ShannonLowerBound.Statement.Status));
        Assert.Equal(('G', LimitStatus.Estimate), (ShannonLowerBound.EstimatedStatement.Letter, ShannonLowerBound.EstimatedStatement.Status));
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ShannonLowerBound.RateBits(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShannonLowerBound.RateBits(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShannonLowerBound.Distortion(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DifferentialEntropy.GaussianBits(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DifferentialEntropy.LaplaceBits(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => DifferentialEntropy.UniformBits(-1));
    }
}
