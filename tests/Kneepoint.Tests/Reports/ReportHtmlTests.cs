using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Kneepoint.Reports;
using Kneepoint.Reports.Html;

namespace Kneepoint.Tests.Reports;

public sealed partial class ReportHtmlTests
{
    const string Hostile = "</script><img onerror=alert(1) src=x>\"'&<!--{{data}}";

    [Fact]
    public void Page_without_style_and_script_is_as_approved_under_any_culture()
    {
        string html = Approved.UnderCommaCulture(() => Write(SyntheticStudy.Of(4, layerCount: 3)));

        html = Inline().Replace(Policy().Replace(html, "POLICY"), "<$1>…</$1>");

        Approved.Matches(html.Replace("\"variants\":", "\n\"variants\":", StringComparison.Ordinal), "Reports", "ReportHtmlTests.Page");
    }

    [Fact]
    public void Nothing_is_loaded_from_anywhere()
    {
        string html = Write(SyntheticStudy.Of(20));

        Assert.Matches("""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'">""", html);
        // The name of the SVG vocabulary looks like an address and is none.
        string rest = html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)https?://|<link|<iframe|<img|<object|<embed|@import|url\\(|\\bsrc\\s*=|fetch\\(|XMLHttpRequest|WebSocket|sendBeacon|import\\(", rest);
        Assert.DoesNotMatch("(?i)innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(|new Function", rest);
        Assert.DoesNotMatch("<[^>]+ (style|on[a-z]+)=", Inline().Replace(html, ""));
    }

    [Fact]
    public void The_policy_allows_exactly_the_style_and_the_script_of_the_page()
    {
        string html = Write(SyntheticStudy.Of(3));
        string style = Regex.Match(html, "<style>(.*?)</style>", RegexOptions.Singleline).Groups[1].Value;
        string script = Regex.Match(html, "<script>(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;

        Assert.Contains($"style-src 'sha256-{Hash(style)}'", html, StringComparison.Ordinal);
        Assert.Contains($"script-src 'sha256-{Hash(script)}'", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', html);
    }

    [Theory]
    [InlineData(Hostile)]
    [InlineData("<svg/onload=alert(1)>")]
    [InlineData("]]>--></style><style>*{}")]
    [InlineData("\u2028\u2029\u0000</SCRIPT >")]
    public void Names_are_text_wherever_they_appear(string name)
    {
        string plain = Write(SyntheticStudy.Of(10)), html = Write(SyntheticStudy.Of(10, untrusted: name));

        Assert.Equal(Tags(plain), Tags(html));
    }

    [Fact]
    public void Embedded_data_reads_back_with_any_name() => Gen.Select(Gen.String, Gen.Int[1, 30]).Sample((name, count) =>
    {
        var study = SyntheticStudy.Of(count, untrusted: name);
        string json = Regex.Match(Write(study), """<script type="application/json" id="data">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value;

        using var data = JsonDocument.Parse(json);

        Assert.Equal(count, data.RootElement.GetProperty("variants").GetArrayLength());
        Assert.Equal(Format.Plain(name), data.RootElement.GetProperty("layers")[1][0].GetString());
        Assert.DoesNotContain('<', json);
    }, iter: 30);

    [Fact]
    public void A_study_with_nothing_but_the_baseline_or_nothing_at_all_is_written()
    {
        var one = SyntheticStudy.Of(1);

        Assert.Contains("1 variant measured", Write(one), StringComparison.Ordinal);
        Assert.Contains("0 variants measured", Write(one with { Variants = [], Frontier = [], Knee = null, Layers = [] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_gets_all_reports()
    {
        string folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;
        try
        {
            ReportFiles.WriteReports(folder, SyntheticStudy.Of(5), _ => [1, 2, 3]);

            Assert.Equal(["frontier.csv", "frontier.json", "frontier.png", "frontier.svg", "report.html"],
                Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal(5, FrontierDocument.Read(Path.Combine(folder, ReportFiles.FrontierJsonFile)).Variants.Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Write(FrontierDocument document) => Encoding.UTF8.GetString(ReportHtml.Write(document));

    static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    static IEnumerable<string> Tags(string html) => Tag().Matches(Inline().Replace(html, "<$1></$1>")).Select(match => Policy().Replace(match.Value, ""));

    [GeneratedRegex("<(style|script)>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Inline();

    [GeneratedRegex("sha256-[A-Za-z0-9+/=]+")]
    private static partial Regex Policy();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
