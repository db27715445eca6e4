using CsCheck;
using Kneepoint.Measurement;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 KB")]
    [InlineData(41_234, "41.2 KB")]
    [InlineData(999_499, "999 KB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(-41_234, "−41.2 KB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Bytes(long bytes, string text) => Assert.Equal(text, Approved.UnderCommaCulture(() => Format.Bytes(bytes)));

    [Theory]
    [InlineData(12, "12")]
    [InlineData(20_400_000, "20.4M")]
    public void Counts(long count, string text) => Assert.Equal(text, Approved.UnderCommaCulture(() => Format.Count(count)));

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.0421, "42.1 us")]
    [InlineData(0.412, "0.412 ms")]
    [InlineData(9.996, "10.0 ms")]
    [InlineData(999.6, "1.00 s")]
    [InlineData(61_234, "61.2 s")]
    public void Milliseconds(double milliseconds, string text) =>
        Assert.Equal(text, Approved.UnderCommaCulture(() => Format.Milliseconds(milliseconds)));

    [Theory]
    [InlineData(0.85, "850 ms")]
    [InlineData(12.44, "12.4 s")]
    [InlineData(59.97, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(7800, "2 h 10 min")]
    public void Durations(double seconds, string text) => Assert.Equal(text, Approved.UnderCommaCulture(() => Format.Duration(seconds)));

    [Theory]
    [InlineData(0.3, 1, "+0.3")]
    [InlineData(-0.3, 1, "−0.3")]
    [InlineData(-0.04, 1, "0.0")]
    public void Signs(double number, int decimals, string text) =>
        Assert.Equal(text, Approved.UnderCommaCulture(() => Format.Signed(number, decimals)));

    [Fact]
    public void Three_digits_are_within_half_a_percent() => Gen.Double[1e-5, 9e6].Sample(number =>
    {
        double shown = double.Parse(Format.Significant(number), System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(shown, number * 0.995 - 1e-12, number * 1.005 + 1e-12);
    });

    [Fact]
    public void Shares_are_in_percent_and_points_and_others_in_their_unit()
    {
        var change = new Interval(-0.003, -0.006, 0);

        Assert.Equal("−0.30 points [−0.60, 0.00]", Approved.UnderCommaCulture(() => MetricFormat.Of("top1").Change(change)));
        Assert.Equal("95.15 %", Approved.UnderCommaCulture(() => MetricFormat.Of("top1").Value(0.9515)));
        Assert.Equal("1.5525 nat", MetricFormat.Of("nll").Value(1.5525));
        Assert.Equal("−0.0030 nat [−0.0060, 0.0000]", MetricFormat.Of("nll").Change(change));
        Assert.Equal("0.5000", MetricFormat.Of("mine").Value(new Interval(0.5, double.NaN, double.NaN)));
    }

    [Fact]
    public void Text_cannot_steer_a_terminal() => Assert.Equal("a·[31mb·c·d·", Format.Plain("a\u001b[31mb\u202ec\nd\uffff"));
}
