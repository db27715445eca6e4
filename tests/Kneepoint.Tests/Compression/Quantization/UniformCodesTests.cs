using CsCheck;
using Kneepoint.Compression.Quantization;

namespace Kneepoint.Tests.Compression.Quantization;

public sealed class UniformCodesTests
{
    static readonly Gen<float> Weight = Gen.Float[-4, 4];

    [Fact]
    public void Codes_equal_the_formula_at_every_length()
    {
        for (int n = 0; n <= 257; n++)
        {
            float[] values = Enumerable.Range(0, n).Select(i => MathF.Sin(i * 1.7f) * 3).ToArray();
            sbyte[] codes = new sbyte[n];

            UniformCodes.Quantize(values, 0.02f, -127, 127, codes);

            Assert.Equal(values.Select(value => Formula(value, 0.02f, -127, 127)), codes);
        }
    }

    [Fact]
    public void Codes_equal_the_formula_for_any_scale_and_range() =>
        Gen.Select(Weight.Array[0, 100], Gen.Float[1e-3f, 2], Gen.Bool, Gen.OneOf(Gen.Const((-127, 127)), Gen.Const((-8, 7)), Gen.Const((-128, 127)), Gen.Const((0, 1))))
            .Sample((values, magnitude, isNegative, range) =>
            {
                float scale = isNegative ? -magnitude : magnitude;
                sbyte[] codes = new sbyte[values.Length];
                UniformCodes.Quantize(values, scale, range.Item1, range.Item2, codes);
                return codes.SequenceEqual(values.Select(value => Formula(value, scale, range.Item1, range.Item2)));
            });

    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(-0.5f, 0)]
    [InlineData(-1.5f, -2)]
    [InlineData(1e30f, 127)]
    [InlineData(float.PositiveInfinity, 127)]
    [InlineData(float.NegativeInfinity, -127)]
    [InlineData(float.NaN, 0)]
    public void Ties_go_to_even_and_the_ends_saturate(float value, int expected)
    {
        float[] values = Enumerable.Repeat(value, 100).ToArray();
        sbyte[] codes = new sbyte[100];

        UniformCodes.Quantize(values, 1, -127, 127, codes);

        Assert.All(codes, code => Assert.Equal(expected, code));
    }

    [Fact]
    public void Unusable_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformCodes.Quantize([1f], 0, -1, 1, new sbyte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformCodes.Quantize([1f], float.NaN, -1, 1, new sbyte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformCodes.Quantize([1f], 1, -129, 1, new sbyte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformCodes.Quantize([1f], 1, 1, 2, new sbyte[1]));
        Assert.Throws<ArgumentException>(() => UniformCodes.Quantize([1f, 2], 1, -1, 1, new sbyte[1]));
    }

    static sbyte Formula(float value, float scale, int lowest, int highest)
    {
        double code = Math.Round(value / scale, MidpointRounding.ToEven);
        return (sbyte)(code < lowest ? lowest : code > highest ? highest : code);
    }
}
