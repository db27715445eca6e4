using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class NoisePlanTests
{
    static readonly NoiseSource[] Sources = [new(0.01, 2, 1000), new(0.3, 0.5, 40), new(0.0004, 0.1, 5000), new(0.2, 0, 10), new(0, 3, 10)];

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(3000)]
    [InlineData(30000)]
    public void Bits_and_errors_of_the_sources_add_up_to_those_of_the_whole(double rateBits)
    {
        var plan = NoisePlan.AtRate(Sources, rateBits);

        Assert.Equal(rateBits, plan.Sources.Select((noise, i) => Sources[i].Count * noise.RateBits).Sum(), 1e-8 * (1 + rateBits));
        Assert.Equal(plan.Filling.Distortion, plan.Sources.Select((noise, i) => Sources[i].Count * Sources[i].Sensitivity * noise.ErrorVariance).Sum(), 1e-10);
        Assert.Equal(plan.Filling.WaterLevel, NoisePlan.AtDistortion(Sources, plan.Filling.Distortion).Filling.WaterLevel, 1e-10);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.2)]
    [InlineData(0.7)]
    public void Shrinking_and_noise_leave_the_error_and_the_variance_of_the_backward_channel(double waterLevel)
    {
        const double Variance = 0.3, Sensitivity = 2;
        var noise = ComponentNoise.At(Variance, Sensitivity, waterLevel);

        double error = Math.Min(waterLevel / Sensitivity, Variance), drawn = noise.NoiseStandardDeviation * noise.NoiseStandardDeviation;
        Assert.Equal(error, noise.ErrorVariance, 1e-15);
        Assert.Equal(error, (1 - noise.Shrink) * (1 - noise.Shrink) * Variance + drawn, 1e-15);
        Assert.Equal(Variance - error, noise.Shrink * noise.Shrink * Variance + drawn, 1e-15);
    }

    [Fact]
    public void What_costs_nothing_or_is_constant_is_left_at_its_mean_without_bits()
    {
        var plan = NoisePlan.AtRate(Sources, 20000);

        Assert.Equal(new ComponentNoise(0, 0, 0.2, 0), plan.Sources[3]);
        Assert.Equal(new ComponentNoise(0, 0, 0, 0), plan.Sources[4]);
    }

    [Fact]
    public void Drawn_noise_errs_as_planned()
    {
        var noise = ComponentNoise.At(4, 1, 0.8);
        var random = new Random(1);
        double sum = 0;
        const int Count = 100_000;
        for (int i = 0; i < Count; i++)
        {
            double weight = 2 * Draws.Normal(random), error = weight - (noise.Shrink * weight + noise.NoiseStandardDeviation * Draws.Normal(random));
            sum += error * error;
        }

        // Five standard errors of a mean of squares, √(2/n) each.
        Assert.Equal(0.8, sum / Count, 0.8 * 5 * Math.Sqrt(2.0 / Count));
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NoisePlan.AtRate([new(1, 0, 5)], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoisePlan.AtRate([new(-1, 1, 5)], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoisePlan.AtRate([new(1, 1, 5)], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComponentNoise.At(-1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComponentNoise.At(1, double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComponentNoise.At(1, 1, 0));
    }
}
