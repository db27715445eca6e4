using System.Text;
using System.Text.RegularExpressions;
using Kneepoint.Limits;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Reports.Html;

namespace Kneepoint.Tests.Reports;

public sealed partial class LimitsSectionTests
{
    const string Hostile = "</section></script><script>alert(1)</script><img onerror=alert(1) src=x>\"'&<!--{{data}}";

    [Fact]
    public void Section_is_as_approved_under_any_culture()
    {
        var document = SyntheticStudy.Of(4, layerCount: 3);

        string html = Approved.UnderCommaCulture(() => LimitsSection.Of(document, SyntheticLimits.Of(document)));

        Approved.Matches(Block().Replace(html, "\n$0"), "Reports", "LimitsSectionTests.Section");
    }

    [Fact]
    public void Every_statement_stands_there_with_its_status_and_what_it_assumes()
    {
        var document = SyntheticStudy.Of(6);
        foreach (var limits in (StudyLimits[])[SyntheticLimits.Of(document), SyntheticLimits.FromTrials(document), new StudyLimits(10, [new VariantLimits(document.Variants[0].Id)])])
        {
            string html = LimitsSection.Of(document, limits);
            var tags = Regex.Matches(html, "<dt>(.) · [^<]*<span class=\"tag ([a-z]+)\">([A-Z]+)</span></dt><dd>([^<]+)<span class=\"muted small\">Assumes: [^<]+</span></dd>");

            Assert.Equal(StatementList.All.Select(statement => (statement.Letter.ToString(), statement.StatusWord)), tags.Select(match => (match.Groups[1].Value, match.Groups[3].Value)));
            Assert.All(tags, match => Assert.Equal(match.Groups[3].Value.ToLowerInvariant(), match.Groups[2].Value));
            Assert.All(tags, match => Assert.True(match.Groups[4].Value.Trim().Length > 20, match.Value));
        }
    }

    [Theory]
    [InlineData(Hostile)]
    [InlineData("<svg/onload=alert(1)>")]
    [InlineData("]]>--></style><style>*{}")]
    [InlineData("\u2028\u0000</SCRIPT >")]
    public void Names_are_text_wherever_they_appear(string name)
    {
        FrontierDocument plain = SyntheticStudy.Of(8, untrusted: "plain"), hostile = SyntheticStudy.Of(8, untrusted: name);
        var reasons = SyntheticLimits.Of(hostile, name) with { Missing = [new MissingLimit('O', name)] };

        Assert.Equal(Tags(LimitsSection.Of(plain, SyntheticLimits.Of(plain, "plain") with { Missing = [new MissingLimit('O', "plain")] })), Tags(LimitsSection.Of(hostile, reasons)));
        Assert.Equal(Tags(Encoding.UTF8.GetString(ReportHtml.Write(plain, SyntheticLimits.Of(plain, "plain")))), Tags(Encoding.UTF8.GetString(ReportHtml.Write(hostile, SyntheticLimits.Of(hostile, name)))));
    }

    [Fact]
    public void Figures_that_are_no_numbers_are_dashes_and_no_text_of_the_machine()
    {
        var document = SyntheticStudy.Of(6);
        var whole = SyntheticLimits.Of(document);
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        foreach (double number in odd)
        {
            var interval = new Interval(number, number, number);
            var limits = whole with
            {
                Noise = whole.Noise! with { Points = [.. whole.Noise.Points, new NoisePoint(8, interval, number, interval)] },
                Precision = whole.Precision! with { Rows = [.. whole.Precision.Rows, new PrecisionRow(16, number, number, 0, number, number)] },
                Variants = [.. whole.Variants.Select(variant => variant with
                {
                    LabelBits = number, NoiseRate = interval, NoiseRateByDivergence = interval, HeldOutErrorAtMost = number, GapBitsPerWeight = number, BitsPerWeight = number, SizeAtLeastBits = number, OccamErrorAtMost = number, IsOccamVacuous = false,
                    Layers = [.. variant.Layers.Select(layer => layer with { SignalToNoiseDecibels = number, IdealBitsPerWeight = number, ErrorOverOptimum = number, EntropyBitsPerWeight = number })],
                    Predicted = variant.Predicted! with { FisherNats = number, LayerwiseNats = number, OutputSignalToNoiseDecibels = number, MeasuredDivergence = number, MeasuredLoss = interval },
                })],
            };

            string html = LimitsSection.Of(document, limits);

            Assert.DoesNotMatch("NaN|Infinity|∞", html);
        }
    }

    [Fact]
    public void Without_labels_or_with_trials_alone_there_are_tables_and_no_plots()
    {
        var document = SyntheticStudy.Of(6);
        var trials = SyntheticLimits.FromTrials(document);

        string html = LimitsSection.Of(document, trials with { Labels = null, MdlChoice = null, Variants = [.. trials.Variants.Select(variant => variant with { LabelBits = null })] });

        Assert.DoesNotContain("<svg", html, StringComparison.Ordinal);
        Assert.Contains("Variant by variant", html, StringComparison.Ordinal);
        Assert.Contains("It needs training samples.", html, StringComparison.Ordinal);
    }

    // Coordinates are within the picture, whatever the figures.
    [Fact]
    public void Points_and_bars_stay_within_their_plot()
    {
        var document = SyntheticStudy.Of(12);
        string html = LimitsSection.Of(document, SyntheticLimits.Of(document));

        var circles = Regex.Matches(html, "<circle class=\"[^\"]*\" cx=\"([^\"]+)\" cy=\"([^\"]+)\" r=\"4.2\">");
        Assert.True(circles.Count > 10);
        Assert.All(circles, match => Assert.InRange(double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 64, 546));
        Assert.All(circles, match => Assert.InRange(double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture), 12, 312));
        Assert.DoesNotMatch("errorbar\" d=\"M[0-9.]+ -", html);
    }

    [Fact]
    public void A_report_without_limits_is_as_before_and_has_no_link_to_them()
    {
        var document = SyntheticStudy.Of(6);
        byte[] without = ReportHtml.Write(document);

        Assert.Equal(without, ReportHtml.Write(document, limits: null));
        Assert.DoesNotContain("id=\"limits\"", Encoding.UTF8.GetString(without), StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"#limits\"", Encoding.UTF8.GetString(without), StringComparison.Ordinal);
        Assert.Contains("href=\"#limits\"", Encoding.UTF8.GetString(ReportHtml.Write(document, SyntheticLimits.Of(document))), StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_limits_of_no_variant_gave_a_link_that_leads_nowhere() => Assert.Equal(ReportHtml.Write(SyntheticStudy.Of(6)), ReportHtml.Write(SyntheticStudy.Of(6), new StudyLimits(10, [])));

    [Fact]
    public void Variants_that_the_report_does_not_have_are_left_out()
    {
        var document = SyntheticStudy.Of(6);
        var limits = SyntheticLimits.Of(document);

        Assert.Contains("Variant by variant", LimitsSection.Of(document with { Variants = [document.Variants[0]], Frontier = [document.Variants[0].Id], Knee = null }, limits), StringComparison.Ordinal);
        Assert.NotEmpty(LimitsSection.Of(document with { Variants = [], Frontier = [], Knee = null }, limits));
    }

    static IEnumerable<string> Tags(string html) => Regex.Matches(Regex.Replace(html, "<(style|script)[^>]*>.*?</\\1>", "<$1></$1>", RegexOptions.Singleline), "<[a-zA-Z/][^> ]*").Select(match => match.Value);

    [GeneratedRegex("<(h[0-9]|p|table|tr|dt|figure|circle|path|text|/section)\\b")]
    private static partial Regex Block();
}
