using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class ScalarQuantizerGapTests
{
    [Fact]
    public void At_high_rate_the_gap_is_a_quarter_of_a_bit()
    {
        Assert.Equal(0.25461, ScalarQuantizerGap.HighRateBits, 1e-5);
        Assert.Equal(1.533, 20 * Math.Log10(2) * ScalarQuantizerGap.HighRateBits, 1e-3);
    }

    [Theory]
    [InlineData(0.96, 0.235)]
    [InlineData(0.31, 0.099)]
    [InlineData(2, 0.2546)]
    [InlineData(3, 0.2546)]
    [InlineData(6, 0.2546)]
    public void A_Gaussian_is_the_known_gap_above_its_rate_distortion_function(double rateBits, double gapBits) =>
        Assert.Equal(gapBits, ScalarQuantizerGap.GaussianBits(rateBits), 0.001);

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_Laplace_density_comes_to_the_same_gap(double rateBits) => Assert.Equal(0.2546, ScalarQuantizerGap.LaplaceBits(rateBits), 0.01);

    [Fact]
    public void The_gap_never_exceeds_that_of_high_rate()
    {
        for (double rateBits = 0.05; rateBits <= 8; rateBits += 0.3)
        {
            Assert.InRange(ScalarQuantizerGap.GaussianBits(rateBits), 0, ScalarQuantizerGap.HighRateBits + 1e-6);
            Assert.InRange(ScalarQuantizerGap.LaplaceBits(rateBits), 0, ScalarQuantizerGap.HighRateBits + 1e-6);
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.7)]
    [InlineData(3)]
    public void Rate_and_distortion_are_the_sums_over_cells(double step)
    {
        Equal(BySumming(x => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI), step, 9), GaussianQuantizer.AtStep(1, step));
        Equal(BySumming(x => Math.Exp(-Math.Abs(x)) / 2, step, 40), LaplaceQuantizer.AtStep(1, step));
    }

    [Fact]
    public void Small_steps_err_by_a_twelfth_of_their_square()
    {
        Assert.Equal(1.0 / 12, GaussianQuantizer.AtStep(1, 0.002).Distortion / 4e-6, 1e-6);
        Assert.Equal(1.0 / 12, LaplaceQuantizer.AtStep(1, 1e-5).Distortion / 1e-10, 1e-6);
        Assert.Equal(DifferentialEntropy.LaplaceBits(1) - Math.Log2(1e-5), LaplaceQuantizer.AtStep(1, 1e-5).RateBits, 1e-8);
        Assert.Equal(DifferentialEntropy.GaussianBits(1) - Math.Log2(0.002), GaussianQuantizer.AtStep(1, 0.002).RateBits, 1e-6);
    }

    [Fact]
    public void Numbers_twice_as_large_have_steps_twice_as_large()
    {
        Assert.Equal(GaussianQuantizer.AtStep(1, 0.5).RateBits, GaussianQuantizer.AtStep(4, 1).RateBits, 1e-13);
        Assert.Equal(4 * LaplaceQuantizer.AtStep(1, 0.5).Distortion, LaplaceQuantizer.AtStep(2, 1).Distortion, 1e-13);
        Assert.Equal(3, GaussianQuantizer.AtRate(7, 3).RateBits, 1e-9);
        Assert.Equal(3, LaplaceQuantizer.AtRate(7, 3).RateBits, 1e-9);
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianQuantizer.AtStep(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianQuantizer.AtStep(1, 1e-4));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianQuantizer.AtRate(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LaplaceQuantizer.AtStep(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LaplaceQuantizer.AtStep(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LaplaceQuantizer.AtRate(1, 99));
        Assert.Equal(('I', LimitStatus.Conditional), (ScalarQuantizerGap.Statement.Letter, ScalarQuantizerGap.Statement.Status));
    }

    static void Equal((double RateBits, double Distortion) expected, QuantizerPoint actual)
    {
        Assert.Equal(expected.RateBits, actual.RateBits, 1e-8);
        Assert.Equal(expected.Distortion, actual.Distortion, 1e-8 * expected.Distortion);
    }

    // Simpson's rule in every cell; halves of the middle one apart, since a Laplace density has a corner there.
    static (double RateBits, double Distortion) BySumming(Func<double, double> density, double step, double end)
    {
        double rateBits = 0, distortion = 0;
        for (int k = 0; k * step < end; k++)
        {
            double low = k == 0 ? 0 : (k - 0.5) * step, high = (k + 0.5) * step;
            double mass = Integral(density, low, high), first = k == 0 ? 0 : Integral(x => x * density(x), low, high), second = Integral(x => x * x * density(x), low, high);
            rateBits -= k == 0 ? 2 * mass * Math.Log2(2 * mass) : 2 * mass * Math.Log2(mass);
            distortion += 2 * (second - first * first / mass);
        }

        return (rateBits, distortion);
    }

    static double Integral(Func<double, double> function, double low, double high)
    {
        const int Parts = 400;
        double width = (high - low) / Parts, sum = function(low) + function(high);
        for (int i = 1; i < Parts; i++) sum += (i % 2 == 1 ? 4 : 2) * function(low + i * width);
        return sum * width / 3;
    }
}
