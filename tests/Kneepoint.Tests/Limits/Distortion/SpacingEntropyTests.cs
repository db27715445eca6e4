using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class SpacingEntropyTests
{
    [Theory]
    [InlineData("Gauss", 1000, 0.02)]
    [InlineData("Laplace", 1000, 0.03)]
    [InlineData("uniform", 1000, 0.02)]
    [InlineData("Gauss", 20_000, 0.005)]
    [InlineData("Laplace", 20_000, 0.01)]
    [InlineData("uniform", 20_000, 0.005)]
    public void On_average_the_estimate_is_close_to_the_entropy_of_the_density(string density, int count, double biasBits)
    {
        double entropyBits = density switch
        {
            "Gauss" => DifferentialEntropy.GaussianBits(1),
            "Laplace" => DifferentialEntropy.LaplaceBits(1),
            _ => DifferentialEntropy.UniformBits(1),
        };
        int rounds = Math.Max(10, 40_000 / count);
        EntropyEstimate[] estimates = [.. Enumerable.Range(1, rounds).Select(seed => SpacingEntropy.Of(Draws.Of(density, count, seed)))];

        double error = estimates.Average(estimate => estimate.Bits) - entropyBits, chance = estimates.Average(estimate => estimate.StandardErrorBits) / Math.Sqrt(rounds);
        TestContext.Current.TestOutputHelper!.WriteLine($"{error:F4} ± {chance:F4}; one {estimates[0].StandardErrorBits:F4}");
        Assert.Equal(0, error, biasBits + 4 * chance);
        Assert.All(estimates, estimate => Assert.True(estimate.IsMeaningful));
    }

    [Fact]
    public void The_standard_error_is_the_spread_of_the_estimates()
    {
        EntropyEstimate[] estimates = [.. Enumerable.Range(1, 60).Select(seed => SpacingEntropy.Of(Draws.Of("Gauss", 2000, seed)))];

        double mean = estimates.Average(estimate => estimate.Bits), spread = Math.Sqrt(estimates.Average(estimate => Math.Pow(estimate.Bits - mean, 2)));

        Assert.InRange(spread / estimates.Average(estimate => estimate.StandardErrorBits), 0.6, 1.5);
    }

    [Fact]
    public void Doubling_all_numbers_adds_a_bit_and_moving_them_none()
    {
        float[] values = Draws.Of("Laplace", 3000, 5);
        double bits = SpacingEntropy.Of(values).Bits;

        Assert.Equal(bits + 1, SpacingEntropy.Of([.. values.Select(value => 2 * value)]).Bits, 1e-10);
        Assert.Equal(bits - 20, SpacingEntropy.Of([.. values.Select(value => value / (1 << 20))]).Bits, 1e-10);
        Assert.Equal(bits, SpacingEntropy.Of([.. values.Select(value => -value)]).Bits, 1e-10);
    }

    [Fact]
    public void Zeros_of_a_pruned_tensor_leave_no_density()
    {
        float[] values = Draws.Of("Gauss", 3000, 6);
        for (int i = 0; i < values.Length; i += 2) values[i] = 0;

        var estimate = SpacingEntropy.Of(values);

        Assert.False(estimate.IsMeaningful);
        Assert.Equal(double.NegativeInfinity, estimate.Bits);
        Assert.Equal(0.5, estimate.AtomShare, 1e-12);
        Assert.Equal(0, ShannonLowerBound.RateBits(estimate.Bits, 1e-3));
    }

    [Fact]
    public void Entries_of_a_codebook_leave_no_density() =>
        Assert.Equal(1, SpacingEntropy.Of([.. Draws.Of("Gauss", 3000, 7).Select(value => MathF.Round(value * 4) / 4)]).AtomShare, 0.02);

    [Fact]
    public void Repeats_by_rounding_do_no_harm()
    {
        float[] fine = Draws.Of("Gauss", 20_000, 8), coarse = [.. fine.Select(value => MathF.Round(value * 8192) / 8192)];
        var estimate = SpacingEntropy.Of(coarse);

        Assert.InRange(estimate.RepeatedShare, 0.1, 0.5);
        Assert.True(estimate.IsMeaningful);
        Assert.Equal(SpacingEntropy.Of(fine).Bits, estimate.Bits, 0.01);
    }

    [Fact]
    public void Too_few_numbers_and_infinite_ones_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SpacingEntropy.Of([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpacingEntropy.Of([1, 2, 3, 4, 5, 6, 7, float.PositiveInfinity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpacingEntropy.Of([1, 2, 3, 4, 5, 6, 7, float.NaN]));
    }
}
