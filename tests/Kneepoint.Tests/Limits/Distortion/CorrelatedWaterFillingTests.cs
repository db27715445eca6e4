using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class CorrelatedWaterFillingTests
{
    [Theory]
    [InlineData(0.9, 0.05)]
    [InlineData(0.9, 0.4)]
    [InlineData(-0.5, 1.2)]
    public void Two_correlated_numbers_have_the_rate_of_their_eigenvalues(double correlation, double distortion)
    {
        var water = new CorrelatedWaterFilling([1, correlation, correlation, 1], [1, 0, 0, 1], 2);

        double large = 1 + Math.Abs(correlation), small = 1 - Math.Abs(correlation);
        double rateBits = distortion / 2 <= small ? 0.5 * Math.Log2(large * small / (distortion * distortion / 4)) : 0.5 * Math.Log2(large / (distortion - small));
        Assert.Equal(rateBits, water.Components.AtDistortion(distortion).RateBits, 1e-12);
    }

    // R = ½ log₂(det Σ/det K) over all error covariances K ⪯ Σ with tr ΛK = D.
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.6)]
    [InlineData(2)]
    public void No_other_error_covariance_takes_fewer_bits(double distortion)
    {
        double[] covariance = [2, 0.7, 0.7, 0.5], sensitivity = [1, -0.3, -0.3, 3];
        var water = new CorrelatedWaterFilling(covariance, sensitivity, 2);

        double rateBits = water.Components.AtDistortion(distortion).RateBits;

        Assert.Equal(LeastRate(covariance, sensitivity, distortion), rateBits, 1e-6);
    }

    [Fact]
    public void The_channel_errs_as_it_says_and_its_error_does_not_depend_on_the_reproduction()
    {
        const int Order = 7;
        double[] covariance = Moment(Order, 3, 20), sensitivity = Moment(Order, 4, 20);
        var water = new CorrelatedWaterFilling(covariance, sensitivity, Order);
        var point = water.Components.AtRate(6);
        double[] shrink = water.ShrinkMatrix(point.WaterLevel), noise = water.NoiseCovariance(point.WaterLevel), error = water.ErrorCovariance(point.WaterLevel);

        double[] rest = [.. shrink.Select((value, i) => (i % (Order + 1) == 0 ? 1 : 0) - value)];
        double[] incurred = Product(Product(rest, covariance, Order), Turned(rest, Order), Order);
        double[] against = Product(Product(rest, covariance, Order), Turned(shrink, Order), Order);
        double[] factor = water.NoiseFactor(point.WaterLevel), drawn = Product(factor, Turned(factor, Order), Order);
        for (int i = 0; i < noise.Length; i++)
        {
            Assert.Equal(error[i], incurred[i] + noise[i], 1e-10);
            Assert.Equal(noise[i], against[i], 1e-10);
            Assert.Equal(noise[i], drawn[i], 1e-10);
        }

        Assert.Equal(point.Distortion, Trace(Product(sensitivity, error, Order), Order), 1e-10);
    }

    [Fact]
    public void Directions_that_cost_nothing_take_no_bits()
    {
        double[] covariance = Moment(6, 5, 20), sensitivity = Moment(6, 6, 2);
        var water = new CorrelatedWaterFilling(covariance, sensitivity, 6);

        Assert.Equal(2, water.WeightedVariances.ToArray().Count(value => value > 0));
        Assert.Equal(Trace(Product(sensitivity, covariance, 6), 6), water.Components.MostDistortion, 1e-10);
        var point = water.Components.AtRate(10);
        Assert.Equal(point.Distortion, Trace(Product(sensitivity, water.ErrorCovariance(point.WaterLevel), 6), 6), 1e-10);
    }

    [Fact]
    public void Without_correlation_it_is_the_independent_case()
    {
        var water = new CorrelatedWaterFilling([4, 0, 0, 9], [2, 0, 0, 0.1], 2);

        Assert.Equal([8, 0.9], water.WeightedVariances.ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
        var expected = ComponentNoise.At(4, 2, 1.5);
        Assert.Equal(expected.Shrink, water.ShrinkMatrix(1.5)[0], 1e-12);
        Assert.Equal(expected.NoiseStandardDeviation, Math.Sqrt(water.NoiseCovariance(1.5)[0]), 1e-12);
        Assert.Equal(0, water.ShrinkMatrix(1.5)[3], 1e-12);
    }

    [Fact]
    public void Impossible_covariances_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorrelatedWaterFilling([1, 2, 2, 1], [1, 0, 0, 1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorrelatedWaterFilling([1, 0, 0, 1], [1, 2, 2, 1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorrelatedWaterFilling([1, 0, 0, double.NaN], [1, 0, 0, 1], 2));
        Assert.Throws<ArgumentException>(() => new CorrelatedWaterFilling([1], [1, 0, 0, 1], 2));
    }

    // Ever smaller random steps of a triangular factor of K, scaled to the distortion.
    static double LeastRate(double[] covariance, double[] sensitivity, double distortion)
    {
        var random = new Random(7);
        double determinant = covariance[0] * covariance[3] - covariance[1] * covariance[2];
        double Rate(double[] l)
        {
            double a = l[0] * l[0], b = l[0] * l[1], c = l[1] * l[1] + l[2] * l[2];
            double scale = distortion / (sensitivity[0] * a + 2 * sensitivity[1] * b + sensitivity[3] * c);
            (a, b, c) = (scale * a, scale * b, scale * c);
            double x = covariance[0] - a, y = covariance[1] - b, z = covariance[3] - c;
            return x < 0 || z < 0 || x * z - y * y < 0 ? double.PositiveInfinity : 0.5 * Math.Log2(determinant / (a * c - b * b));
        }

        // All of Σ, shrunk, is within it.
        double first = Math.Sqrt(covariance[0]), second = covariance[1] / first;
        double[] best = [first, second, Math.Sqrt(covariance[3] - second * second)];
        double least = Rate(best), width = 0.5;
        for (int i = 0; i < 400_000 && width > 1e-13; i++)
        {
            double[] next = [.. best.Select(value => value + width * Draws.Normal(random))];
            double rate = Rate(next);
            if (rate < least) (best, least, width) = (next, rate, width * 1.5);
            else width *= 0.995;
            if (width < 1e-9 && i < 300_000) width = 1e-2;
        }

        return least;
    }

    static double[] Moment(int order, int seed, int samples)
    {
        var random = new Random(seed);
        double[] moment = new double[order * order];
        for (int sample = 0; sample < samples; sample++)
        {
            double[] x = [.. Enumerable.Range(0, order).Select(_ => Draws.Normal(random))];
            for (int i = 0; i < order; i++)
            {
                for (int j = 0; j < order; j++) moment[i * order + j] += x[i] * x[j] / samples;
            }
        }

        return moment;
    }

    static double[] Product(double[] a, double[] b, int order)
    {
        double[] product = new double[order * order];
        for (int i = 0; i < product.Length; i++)
        {
            for (int k = 0; k < order; k++) product[i] += a[i / order * order + k] * b[k * order + i % order];
        }

        return product;
    }

    static double[] Turned(double[] a, int order) => [.. Enumerable.Range(0, order * order).Select(i => a[i % order * order + i / order])];

    static double Trace(double[] a, int order) => Enumerable.Range(0, order).Sum(i => a[i * order + i]);
}
