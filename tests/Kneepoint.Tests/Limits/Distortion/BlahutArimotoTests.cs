using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class BlahutArimotoTests
{
    // What bins, reproductions and iteration leave open, with the default tolerance.
    const double MostGapBits = 0.003;

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void For_a_Gaussian_the_bounds_hold_its_known_rate(double rateBits)
    {
        double distortion = 2.5 * Math.Pow(4, -rateBits);

        var bounds = BlahutArimoto.RateAt(DensityBins.Gaussian(2.5, distortion), distortion);

        // Tails of 1e-9 are left out of the source.
        Assert.InRange(rateBits, bounds.LowerBits - 1e-6, bounds.UpperBits + 1e-6);
        Assert.InRange(bounds.GapBits, 0, MostGapBits);
    }

    [Theory]
    [InlineData(0.3, 0.035)]
    [InlineData(1, 0.007)]
    [InlineData(2, 0.003)]
    [InlineData(4, 0.003)]
    [InlineData(6, 0.003)]
    public void For_a_Laplace_density_it_is_a_little_above_the_Shannon_bound_and_below_the_scalar_quantizer(double rateBits, double mostAboveBits)
    {
        var point = LaplaceQuantizer.AtRate(1, rateBits);
        double shannon = ShannonLowerBound.RateBits(DifferentialEntropy.LaplaceBits(1), point.Distortion);

        var bounds = BlahutArimoto.RateAt(DensityBins.Laplace(1, point.Distortion), point.Distortion);

        Assert.InRange(bounds.UpperBits, shannon, shannon + mostAboveBits);
        Assert.InRange(bounds.GapBits, 0, MostGapBits);
        Assert.True(bounds.LowerBits < rateBits);
    }

    // Of two values as likely, ±1: reproductions ±a err by 1 − a² and tell 1 − h₂((1 + a)/2) bits.
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    public void For_two_values_the_bounds_hold_the_closed_form(double distortion)
    {
        double up = (1 + Math.Sqrt(1 - distortion)) / 2, rateBits = 1 + up * Math.Log2(up) + (1 - up) * Math.Log2(1 - up);

        var bounds = BlahutArimoto.RateAt(SourceHistogram.OfAtoms([new(-1, 3), new(1, 3)]), distortion);

        Assert.InRange(rateBits, bounds.LowerBits - 1e-9, bounds.UpperBits + 1e-9);
        Assert.InRange(bounds.GapBits, 0, 0.005);
    }

    [Fact]
    public void With_hardly_an_error_the_rate_is_the_entropy_of_the_values()
    {
        var source = SourceHistogram.OfAtoms([new(0, 5), new(1, 2), new(3, 2), new(-2, 1)]);

        var bounds = BlahutArimoto.RateAt(source, 1e-4);

        Assert.Equal(source.EntropyBits, bounds.RateBits, 0.01);
        Assert.True(bounds.UpperBits <= source.EntropyBits);
    }

    [Fact]
    public void From_the_variance_on_no_bits_are_needed()
    {
        var source = SourceHistogram.OfAtoms([new(0, 1), new(2, 1)]);

        Assert.Equal(new RateBounds(1, 0, 0), BlahutArimoto.RateAt(source, 1));
        Assert.InRange(BlahutArimoto.RateAt(source, 0.999).LowerBits, 0, 0.001);
    }

    [Fact]
    public void The_rate_falls_with_the_distortion_and_is_convex_and_at_most_that_of_a_Gaussian()
    {
        float[] values = Sparse(20_000, 3);
        var source = SourceHistogram.OfValues(values, 0.004);
        double[] distortions = [0.004, 0.02, 0.036, 0.052, 0.068];
        RateBounds[] bounds = [.. distortions.Select(distortion => BlahutArimoto.RateAt(source, distortion))];

        for (int i = 0; i < bounds.Length; i++)
        {
            Assert.True(bounds[i].LowerBits <= Math.Max(0, 0.5 * Math.Log2(source.Variance / distortions[i])));
            if (i > 0) Assert.True(bounds[i].LowerBits <= bounds[i - 1].UpperBits);
            if (i > 1) Assert.True(bounds[i - 1].LowerBits <= (bounds[i].UpperBits + bounds[i - 2].UpperBits) / 2);
        }
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(0.7f)]
    [InlineData(2f)]
    public void No_scalar_quantizer_of_the_same_numbers_is_below(float step)
    {
        float[] values = Sparse(20_000, 4);
        int[] indices = [.. values.Select(value => (int)MathF.Round(value / step))];
        double[] means = new double[1000];
        foreach (var cell in indices.Zip(values).GroupBy(pair => pair.First)) means[cell.Key + 500] = cell.Average(pair => (double)pair.Second);
        double distortion = values.Select((value, i) => Math.Pow(value - means[indices[i] + 500], 2)).Average();

        var bounds = BlahutArimoto.RateAt(SourceHistogram.OfValues(values, distortion), distortion);

        double rateBits = IndexCodeLength.Order0Bits(IndexCodeLength.CountsOf(indices)) / values.Length;
        Assert.True(bounds.LowerBits <= rateBits);
        Assert.InRange(rateBits - bounds.UpperBits, -0.001, ScalarQuantizerGap.HighRateBits + 0.01);
    }

    [Fact]
    public void A_bound_of_bins_holds_for_the_numbers_within_them()
    {
        float[] values = Draws.Of("Laplace", 300, 9);
        const double Distortion = 0.05;
        var exact = SourceHistogram.OfAtoms([.. values.Select(value => new SourceAtom(value, 1))]);

        var fine = BlahutArimoto.RateAt(exact, Distortion);
        var binned = BlahutArimoto.RateAt(SourceHistogram.OfValues(values, Distortion), Distortion);

        Assert.True(binned.LowerBits <= fine.UpperBits && fine.LowerBits <= binned.UpperBits);
        Assert.InRange(binned.GapBits, 0, MostGapBits);
    }

    [Fact]
    public void A_price_on_errors_scales_the_distortion()
    {
        var source = SourceHistogram.OfValues(Draws.Of("Gauss", 2000, 2), 0.1);

        var bounds = BlahutArimoto.RateAtWeighted(source, 3, 10);

        Assert.Equal(BlahutArimoto.RateAt(source, 0.3) with { Distortion = 3 }, bounds);
    }

    // For a Gaussian −dR/dD = 1/(2 ln 2 · D), up to the variance.
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.4)]
    public void The_slope_of_a_Gaussian_leads_to_its_distortion(double distortion)
    {
        var bounds = BlahutArimoto.AtSlope(DensityBins.Gaussian(1, distortion), 0.5 / (Math.Log(2) * distortion));

        Assert.Equal(distortion, bounds.Distortion, 0.003 * distortion);
        Assert.InRange(-0.5 * Math.Log2(bounds.Distortion), bounds.LowerBits - 1e-6, bounds.UpperBits + 1e-6);
        Assert.InRange(bounds.GapBits, 0, MostGapBits);
    }

    [Fact]
    public void A_slope_too_flat_for_a_bit_takes_none()
    {
        var bounds = BlahutArimoto.AtSlope(SourceHistogram.OfAtoms([new(0, 1), new(2, 1)]), 0.1);

        Assert.Equal(1, bounds.Distortion, 0.01);
        Assert.InRange(bounds.UpperBits, 0, 0.002);
        Assert.Throws<ArgumentOutOfRangeException>(() => BlahutArimoto.AtSlope(SourceHistogram.OfAtoms([new(0, 1)]), 0));
    }

    [Fact]
    public void The_same_numbers_give_the_same_bounds()
    {
        float[] values = Draws.Of("Gauss", 5000, 2);

        Assert.Equal(BlahutArimoto.RateAt(SourceHistogram.OfValues(values, 0.1), 0.1), BlahutArimoto.RateAt(SourceHistogram.OfValues(values, 0.1), 0.1));
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        var source = SourceHistogram.OfValues(Draws.Of("Gauss", 1000, 2), 0.1);
        Assert.Throws<ArgumentOutOfRangeException>(() => BlahutArimoto.RateAt(source, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlahutArimoto.RateAt(source, 1e-4));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlahutArimoto.RateAt(source, 0.1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlahutArimoto.RateAtWeighted(source, 0.1, 0));
        Assert.Equal(('H', LimitStatus.Conditional), (BlahutArimoto.Statement.Letter, BlahutArimoto.Statement.Status));
    }

    static float[] Sparse(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(10) < 8 ? 0 : (float)Draws.Normal(random))];
    }
}
