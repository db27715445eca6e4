using System.Text;
using System.Xml.Linq;
using CsCheck;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Reports.Plotting;

namespace Kneepoint.Tests.Reports;

public sealed class FrontierPlotTests
{
    [Fact]
    public void What_is_no_number_is_left_out_and_counted()
    {
        var study = SyntheticStudy.Of(12);
        var nothing = new Interval(double.NaN, double.NaN, double.NaN);
        study = study with { Variants = [.. study.Variants.Select((v, i) => i % 3 == 1 ? v with { Accuracy = nothing, AccuracyChange = null } : v)] };

        string svg = Encoding.UTF8.GetString(FrontierPlot.ToSvg(study));

        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.Contains("4 without this figure", svg, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(12)]
    public void Variants_that_are_all_alike_are_drawn(int count)
    {
        var study = SyntheticStudy.Of(count);
        study = study with
        {
            Variants = [.. study.Variants.Select(v => v with
            {
                Accuracy = new Interval(1, 1, 1), AccuracyChange = new Interval(0, 0, 0), Memory = v.Memory with { FileBytes = 1000 },
            })],
        };

        Assert.DoesNotMatch("NaN|Infinity|∞", Encoding.UTF8.GetString(FrontierPlot.ToSvg(study)));
    }

    [Fact]
    public void Svg_is_as_approved_under_any_culture()
    {
        string svg = Approved.UnderCommaCulture(() =>
            Encoding.UTF8.GetString(FrontierPlot.ToSvg(SyntheticStudy.Of(16), new PlotBudgets(500_000, 1.5, 0.945))));

        Approved.Matches(svg, "Reports", "FrontierPlotTests.Svg");
    }

    [Fact]
    public void Svg_is_well_formed_with_any_name_and_draws_every_variant() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 100], Gen.String).Sample((count, seed, name) =>
        {
            var svg = XDocument.Parse(Encoding.UTF8.GetString(FrontierPlot.ToSvg(SyntheticStudy.Of(count, seed, untrusted: name))));

            Assert.Equal("svg", svg.Root!.Name.LocalName);
            Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
        }, iter: 40);

    [Theory]
    [InlineData("</text><script>alert(1)</script>")]
    [InlineData("\"><image href='https://example.com/a.png'/>")]
    public void Names_stay_text(string name)
    {
        string svg = Encoding.UTF8.GetString(FrontierPlot.ToSvg(SyntheticStudy.Of(8, untrusted: name)));

        Assert.DoesNotContain("<script", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("<image", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_without_accuracy_or_latency_is_still_drawn()
    {
        var document = SyntheticStudy.Of(5);
        document = document with
        {
            Variants = [.. document.Variants.Select(v => v with { Accuracy = null, AccuracyChange = null, Compute = v.Compute with { LatencyMilliseconds = null } })],
        };

        string svg = Encoding.UTF8.GetString(FrontierPlot.ToSvg(document));

        Assert.Contains("5 without this figure", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_figures_of_an_odd_size_hung_the_drawing_or_ended_it()
    {
        double[] odd = [0, -1, 0.5, double.Epsilon, 1e-300, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        var study = SyntheticStudy.Of(3);
        Gen.Int[0, odd.Length - 1].Select(i => odd[i]).Array[9].Sample(numbers =>
        {
            var document = study with
            {
                Variants = [.. study.Variants.Select((variant, i) => variant with
                {
                    Accuracy = Interval.Containing(numbers[i], numbers[i + 3], numbers[i + 6]),
                    AccuracyChange = Interval.Containing(numbers[i + 6], numbers[i], numbers[i + 3]),
                    Compute = variant.Compute with { LatencyMilliseconds = new Interval(numbers[i + 3], numbers[i + 3], numbers[i + 3]) },
                })],
            };

            string drawn = Encoding.UTF8.GetString(FrontierPlot.ToSvg(document)) + FrontierText.Of(document);
            Assert.DoesNotContain("NaN", drawn, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", drawn, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", drawn, StringComparison.Ordinal);
        }, iter: 500);
    }

    [Fact]
    public void A_minimized_metric_is_better_upward()
    {
        var document = SyntheticStudy.Of(6);
        document = document with
        {
            Data = document.Data with { Metric = new("nll", Direction.Minimize) },
            Variants = [.. document.Variants.Select(v => v with { Accuracy = new(1.5 + v.Memory.FileBytes / 1e9, 1.4, 1.6) })],
        };

        var axis = AccuracyAxis.Of(document, 0, 100);

        Assert.True(axis.Pixel(1.5) < axis.Pixel(1.501));
    }

    [Fact]
    public void Ticks_are_one_two_or_five_times_a_power_of_ten() =>
        Gen.Select(Gen.Double[1e-3, 1e9], Gen.Double[1.001, 1e6], Gen.Bool).Sample((low, factor, mayBeLogarithmic) =>
        {
            var axis = PlotAxis.Of([low, low * factor], 0, 350, mayBeLogarithmic, 0.05);
            var ticks = axis.Ticks(54);

            Assert.All(ticks, tick => Assert.InRange(axis.Pixel(tick), -0.001, 350.001));
            Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.True(axis.Pixel(pair.Second) - axis.Pixel(pair.First) > 50));
            if (ticks.Count < 2) return;
            double step = axis.IsLogarithmic ? ticks[0] : ticks[1] - ticks[0];
            double digit = step / Math.Pow(10, Math.Floor(Math.Log10(step * 1.0001)));
            Assert.Contains(new[] { 1.0, 2, 3, 5 }, d => Math.Abs(d - digit) < 1e-6 * d);
        });

    [Theory]
    [InlineData("fileBytes", 500_000, 500_000, "500 KB")]
    [InlineData("fileBytes", 1_250_000, 50_000, "1.25 MB")]
    [InlineData("latency", 0.05, 0.01, "50 us")]
    [InlineData("latency", 1.5, 0.5, "1.5 ms")]
    [InlineData("macs", 20_000_000, 10_000_000, "20M")]
    [InlineData("macs", 0, 1, "0")]
    public void Ticks_have_no_more_decimals_than_they_need(string figure, double tick, double step, string text) =>
        Assert.Equal(text, Approved.UnderCommaCulture(() => TickText.Of(figure, tick, step)));
}
