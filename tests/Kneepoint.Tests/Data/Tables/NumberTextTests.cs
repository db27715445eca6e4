using System.Globalization;
using System.Text;
using CsCheck;
using Kneepoint.Data.Tables;

namespace Kneepoint.Tests.Data.Tables;

public sealed class NumberTextTests
{
    [Fact]
    public void Any_double_is_read_as_it_was_written() => Gen.Double.Sample(value =>
    {
        Check(value.ToString("R", CultureInfo.InvariantCulture));
        Check(value.ToString("E16", CultureInfo.InvariantCulture));
    }, iter: 20_000);

    [Fact]
    public void Any_bits_are_read_as_they_were_written() => Gen.ULong.Select(BitConverter.UInt64BitsToDouble).Where(double.IsFinite).Sample(value =>
        Check(value.ToString("R", CultureInfo.InvariantCulture)), iter: 20_000);

    [Fact]
    public void Any_decimal_is_rounded_as_the_runtime_rounds() =>
        Gen.Select(Gen.ULong, Gen.Int[-400, 400], Gen.Int[0, 19], Gen.Bool).Sample((digits, exponent, point, isNegative) =>
        {
            string text = digits.ToString("D20", CultureInfo.InvariantCulture)[1..].Insert(point, ".");
            Check(string.Create(CultureInfo.InvariantCulture, $"{(isNegative ? "-" : "")}{text}e{exponent}"));
        }, iter: 40_000);

    [Fact]
    public void Halfway_between_two_doubles_goes_to_even() => Gen.Select(Gen.ULong[1UL << 52, (1UL << 53) - 1], Gen.Int[-5, 10]).Sample((mantissa, power) =>
    {
        // 2 · mantissa + 1 has 54 bits: exactly between two doubles, whatever power of two follows.
        var half = new System.Numerics.BigInteger(2 * mantissa + 1);
        string text = power >= 0
            ? (half << power).ToString(CultureInfo.InvariantCulture)
            : (half * System.Numerics.BigInteger.Pow(5, -power)).ToString(CultureInfo.InvariantCulture) + string.Create(CultureInfo.InvariantCulture, $"e{power}");
        Check(text);
    }, iter: 20_000);

    [Fact]
    public void Every_power_of_ten_is_right()
    {
        for (int exponent = -400; exponent <= 400; exponent++)
        {
            foreach (string digits in (string[])["1", "9007199254740993", "18446744073709551615", "9999999999999999999", "5", "7205759403792793"])
            {
                Check(string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}"));
            }
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1E5")]
    [InlineData("1e+5")]
    [InlineData("00000000000000000000000000000000001.5")]
    [InlineData("0.000000000000000000000000000000000000000000001")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890")]
    [InlineData("4.9e-324")]
    [InlineData("2.4703282292062327e-324")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("1.7976931348623159e308")]
    [InlineData("0e99999999999999999999")]
    [InlineData("1e-99999999999999999999")]
    public void Edges_are_those_of_the_runtime(string text) => Check(text);

    [Theory]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("NaN", double.NaN)]
    public void Words_are_read(string text, double expected)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1,5")]
    [InlineData("1 ")]
    [InlineData("0x10")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e5.0")]
    [InlineData("123456789012345678901234567890x")]
    public void Anything_else_is_no_number(string text) => Assert.False(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    static void Check(string text)
    {
        double expected = double.Parse(text, CultureInfo.InvariantCulture);
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value), text);
        Assert.True(BitConverter.DoubleToUInt64Bits(expected) == BitConverter.DoubleToUInt64Bits(value), text);
    }
}
