using CsCheck;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class BinaryDivergenceTests
{
    static readonly Gen<double> Rate = Gen.OneOf(Gen.Double[0, 1], Gen.Double[0, 1e-6], Gen.Double[1 - 1e-6, 1], Gen.Const(0.0), Gen.Const(1.0));

    [Fact]
    public void It_is_its_formula() =>
        Gen.Select(Gen.Double[0.01, 0.99], Gen.Double[0.01, 0.99]).Sample((q, p) =>
            Assert.Equal(q * Math.Log(q / p) + (1 - q) * Math.Log((1 - q) / (1 - p)), BinaryDivergence.Nats(q, p), 1e-14));

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(1e-9)]
    public void Near_equality_it_is_half_the_square_over_the_variance(double q)
    {
        double d = q * 1e-7, p = q + d;

        Assert.Equal(d * d / (2 * q * (1 - q)), BinaryDivergence.Nats(q, p), 1e-6 * d * d / q);
    }

    [Fact]
    public void At_the_ends_it_is_0_or_infinite_or_the_logarithm()
    {
        Assert.Equal(0, BinaryDivergence.Nats(0, 0));
        Assert.Equal(0, BinaryDivergence.Nats(1, 1));
        Assert.Equal(double.PositiveInfinity, BinaryDivergence.Nats(0.1, 0));
        Assert.Equal(double.PositiveInfinity, BinaryDivergence.Nats(0.1, 1));
        Assert.Equal(Math.Log(2), BinaryDivergence.Nats(0, 0.5), 1e-15);
        Assert.Equal(Math.Log(4), BinaryDivergence.Nats(1, 0.25), 1e-15);
    }

    [Fact]
    public void Inverses_invert_and_err_outward() =>
        Gen.Select(Rate, Gen.OneOf(Gen.Double[0, 3], Gen.Double[0, 1e-8])).Sample((q, nats) =>
        {
            double upper = BinaryDivergence.Upper(q, nats), lower = BinaryDivergence.Lower(q, nats);
            Assert.True(0 <= lower && lower <= q && q <= upper && upper <= 1);
            if (nats == 0) return;

            // No number further in is outside, so the ends are at the stated distance to within their last digit.
            if (upper < 1) Assert.True(BinaryDivergence.Nats(q, upper) >= nats);
            if (upper > q) Assert.True(BinaryDivergence.Nats(q, Inward(upper, q)) <= nats * (1 + 1e-12));
            if (lower > 0) Assert.True(BinaryDivergence.Nats(q, lower) >= nats);
            if (lower < q) Assert.True(BinaryDivergence.Nats(q, Inward(lower, q)) <= nats * (1 + 1e-12));
        }, iter: 3000);

    // A few units in the last place.
    static double Inward(double end, double q) => end + Math.Sign(q - end) * Math.Min(Math.Abs(q - end), 4 * (Math.BitIncrement(end) - end));

    [Fact]
    public void Inverses_mirror_each_other() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 3]).Sample((q, nats) =>
            Assert.Equal(1 - BinaryDivergence.Lower(1 - q, nats), BinaryDivergence.Upper(q, nats), 1e-12));

    [Fact]
    public void No_distance_leads_nowhere_and_an_infinite_one_everywhere()
    {
        foreach (double q in new[] { 0, 0.2, 1 })
        {
            Assert.Equal(q, BinaryDivergence.Upper(q, 0));
            Assert.Equal(q, BinaryDivergence.Lower(q, 0));
            Assert.Equal(1, BinaryDivergence.Upper(q, double.PositiveInfinity));
            Assert.Equal(0, BinaryDivergence.Lower(q, double.PositiveInfinity));
        }
    }

    [Fact]
    public void Entropy_is_1_bit_at_one_half_and_0_at_the_ends()
    {
        Assert.Equal(1, BinaryEntropy.Bits(0.5), 1e-15);
        Assert.Equal(0, BinaryEntropy.Bits(0));
        Assert.Equal(0, BinaryEntropy.Bits(1));
        Assert.Equal(0.46899559358928117, BinaryEntropy.Bits(0.1), 1e-15);
        // −p·log₂ p + p/ln 2 for small p.
        Assert.Equal(1e-20 * (20 * Math.Log2(10) + 1 / Math.Log(2)), BinaryEntropy.Bits(1e-20), 1e-33);
    }

    [Fact]
    public void What_is_no_rate_or_no_distance_is_refused()
    {
        foreach (double rate in new[] { -0.1, 1.1, double.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Nats(rate, 0.5));
            Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Nats(0.5, rate));
            Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Upper(rate, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Lower(rate, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => BinaryEntropy.Bits(rate));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Upper(0.5, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryDivergence.Lower(0.5, double.NaN));
    }
}
