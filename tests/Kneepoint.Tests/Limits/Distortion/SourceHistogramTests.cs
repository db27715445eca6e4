using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class SourceHistogramTests
{
    [Fact]
    public void Mean_and_variance_are_those_of_the_numbers()
    {
        float[] values = Draws.Of("Laplace", 5000, 1);
        double mean = values.Average(value => (double)value), variance = values.Average(value => Math.Pow(value - mean, 2));

        var source = SourceHistogram.OfValues(values, 0.3);

        Assert.Equal(mean, source.Mean, 1e-12);
        Assert.Equal(variance, source.Variance, 1e-12);
        Assert.Equal(1, source.Shares.Sum(), 1e-12);
        Assert.Equal(source.Values.Order(), source.Values);
        Assert.InRange(source.WithinVariance, 0, source.BinWidth * source.BinWidth / 4);
        Assert.Equal(Math.Sqrt(0.3) / 16, source.BinWidth, 1e-15);
    }

    [Fact]
    public void Few_values_stand_for_themselves()
    {
        var source = SourceHistogram.OfValues([0.5f, -1, 0.5f, 3], 0.01);

        Assert.Equal([-1, 0.5, 3], source.Values, (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal([0.25, 0.5, 0.25], source.Shares);
        Assert.Equal((0, 0), (source.BinWidth, source.WithinVariance));
        Assert.Equal(1.5, source.EntropyBits, 1e-12);
    }

    [Fact]
    public void Equal_atoms_are_one()
    {
        var source = SourceHistogram.OfAtoms([new(2, 1), new(1, 2), new(2, 1)]);

        Assert.Equal([1, 2], source.Values);
        Assert.Equal([0.5, 0.5], source.Shares);
    }

    [Fact]
    public void Densities_in_bins_have_their_variance()
    {
        Assert.Equal(4, DensityBins.Gaussian(4, 0.01).Variance, 1e-5);
        Assert.Equal(8, DensityBins.Laplace(2, 0.01).Variance, 1e-5);
    }

    [Fact]
    public void Impossible_sources_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfAtoms([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfAtoms([new(double.NaN, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfAtoms([new(1, 0)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfValues([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfValues([1, float.NaN], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfValues([1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceHistogram.OfValues([0, 1e9f], 1e-9));
    }
}
