using CsCheck;
using Kneepoint.Compression.Quantization;

namespace Kneepoint.Tests.Compression.Quantization;

public sealed class LogarithmicScalesTests
{
    // Half a step of an eighth of an octave, and the rounding of the grid itself.
    const double MostOctaves = 1 / 16.0 + 1e-6;

    [Fact]
    public void A_scale_becomes_the_number_of_the_grid_that_is_nearest_in_ratio() =>
        Gen.Float.Where(float.IsNormal).Sample(scale =>
        {
            float stored = LogarithmicScales.Nearest(scale);
            double eighths = 8 * Math.Log2(Math.Abs((double)stored));
            return !float.IsNormal(stored) || (MathF.Sign(stored) == MathF.Sign(scale) && Math.Abs(Math.Log2((double)stored / scale)) <= MostOctaves && Math.Abs(eighths - Math.Round(eighths)) < 1e-6);
        });

    [Fact]
    public void Numbers_of_the_grid_stay() => Gen.Float.Where(float.IsNormal).Sample(scale =>
    {
        float stored = LogarithmicScales.Nearest(scale);
        return LogarithmicScales.Nearest(stored) == stored;
    });

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.25f)]
    [InlineData(8f)]
    public void Powers_of_two_are_numbers_of_the_grid(float scale) => Assert.Equal(scale, LogarithmicScales.Nearest(scale));
}
