using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Kneepoint.Measurement;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

public sealed class FrontierDocumentTests
{
    [Theory]
    [InlineData("=cmd|'/c calc'!A1")]
    [InlineData("@SUM(1)")]
    [InlineData("+1\r\n=2")]
    public void No_field_of_the_table_is_a_formula_to_a_spreadsheet(string layer)
    {
        string csv = Encoding.UTF8.GetString(SyntheticStudy.Of(20, untrusted: layer).ToCsv());

        string[] fields = [.. Regex.Matches(csv, "(?<=^|,|\n)(\"([^\"]|\"\")*\"|[^,\"\r\n]*)").Select(match => match.Value.TrimStart('"'))];
        Assert.True(fields.Length > 20 * 20);
        Assert.DoesNotContain(fields, field => field.Length > 0 && "=+@\t\r-".Contains(field[0], StringComparison.Ordinal)
            && !double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    public void Json_is_as_approved_under_any_culture()
    {
        string json = Approved.UnderCommaCulture(() => Encoding.UTF8.GetString(SyntheticStudy.Of(4, layerCount: 3).ToJson()));

        Approved.Matches(json, "Reports", "FrontierDocumentTests.Json");
    }

    [Fact]
    public void Csv_is_as_approved_under_any_culture()
    {
        string csv = Approved.UnderCommaCulture(() => Encoding.UTF8.GetString(SyntheticStudy.Of(8, layerCount: 3).ToCsv()));

        Assert.All(csv.Split('\n')[..^1], line => Assert.EndsWith("\r", line, StringComparison.Ordinal));
        Approved.Matches(csv, "Reports", "FrontierDocumentTests.Csv");
    }

    [Fact]
    public void Json_reads_back_to_the_same_bits() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 1000], Gen.Int[1, 15], Gen.String, Gen.Double).Sample((count, seed, layers, name, odd) =>
        {
            // A lone surrogate has no UTF-8 form; the writer replaces it.
            string untrusted = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));
            var document = SyntheticStudy.Of(Math.Min(count, 1 << Math.Min(layers, 5)), seed, Math.Max(layers, 3), untrusted) with { Seconds = odd };
            byte[] json = document.ToJson();

            Assert.Equal(json, FrontierDocument.Parse(json).ToJson());
            Assert.Equal(document.ToCsv(), FrontierDocument.Parse(json).ToCsv());
        }, iter: 60);

    [Fact]
    public void Figures_that_are_not_finite_become_null_with_a_finding()
    {
        var document = SyntheticStudy.Of(2, layerCount: 3);
        var odd = document.Variants[1] with { Accuracy = new(double.NaN, 0, 1), AccuracyChange = new(0.5, double.NegativeInfinity, 0.6) };
        document = document with
        {
            Variants = [document.Variants[0], odd],
            Hypervolume = new(double.PositiveInfinity, [0, 0, 0]),
            Seconds = double.NaN,
        };

        var again = FrontierDocument.Parse(document.ToJson());

        Assert.Null(again.Variants[1].Accuracy);
        Assert.Equal(new Interval(0.5, double.NaN, 0.6), again.Variants[1].AccuracyChange);
        Assert.Contains(again.Variants[1].Findings, f => f.Code == "figure-not-finite" && f.Message.Contains("accuracy, accuracyChange interval", StringComparison.Ordinal));
        Assert.Null(again.Hypervolume);
        Assert.Contains(again.Findings, f => f.Code == "figure-not-finite");
        Assert.Null(again.Seconds);
        Assert.Equal(again.ToJson(), document.ToJson());
    }

    [Theory]
    [InlineData("\"evaluate\": 2000", "\"evaluate\": -1", "'f', data.evaluate: expected a whole number of at least 0, found -1.")]
    [InlineData("\"evaluate\": 2000,", "", "'f', data: expected the member 'evaluate', found none.")]
    [InlineData("\"direction\": \"maximize\"", "\"direction\": \"up\"", "'f', data.metric.direction: expected one of minimize, maximize, found \"up\".")]
    [InlineData("\"seconds\": 73.25", "\"seconds\": 1e999", "'f', seconds: expected a finite number, found 1e999.")]
    [InlineData("\"baseline\": true", "\"baseline\": 1", "'f', variants[0].baseline: expected true or false, found 1.")]
    [InlineData("\"severity\": \"note\"", "\"severity\": \"\\ud800\"", "'f' holds text that is not Unicode")]
    [InlineData("\"id\": \"", "\"id\": \"0", "'f', variants[0].id: expected ")]
    [InlineData("\"frontier\": [", "\"frontier\": [ \"beef\",", "'f' refers to the variant 'beef', which is not in it.")]
    [InlineData("\"reference\": [", "\"reference\": [ 1,", "'f', hypervolume.reference: expected 3 numbers, one for each objective, found 4.")]
    [InlineData("\"cores\": 2,", "\"cores\": 2, \"cores\": 3,", "'f' is not valid JSON: ")]
    [InlineData("{\n  \"kneepoint\"", "[{\n  \"kneepoint\"", "'f' is not valid JSON at line ")]
    public void What_is_no_document_gets_one_sentence(string original, string replacement, string sentence)
    {
        string json = Encoding.UTF8.GetString(SyntheticStudy.Of(3, layerCount: 3).ToJson());
        int at = json.IndexOf(original, StringComparison.Ordinal);
        Assert.True(at >= 0, original);
        json = json[..at] + replacement + json[(at + original.Length)..];

        var error = Assert.Throws<FrontierDocumentException>(() => FrontierDocument.Parse(Encoding.UTF8.GetBytes(json), "f"));

        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncation_and_noise_never_end_in_another_exception()
    {
        byte[] json = SyntheticStudy.Of(3, layerCount: 3).ToJson();
        Gen.Select(Gen.Int[0, json.Length - 3], Gen.Int[0, json.Length - 3], Gen.Byte).Sample((cut, at, noise) =>
        {
            byte[] broken = [.. json];
            broken[at] = noise;
            Assert.Throws<FrontierDocumentException>(() => FrontierDocument.Parse(broken.AsMemory(0, cut)));
            try
            {
                FrontierDocument.Parse(broken);
            }
            catch (FrontierDocumentException)
            {
            }
        }, iter: 300);
    }

    [Fact]
    public void Unknown_members_are_skipped()
    {
        string json = Encoding.UTF8.GetString(SyntheticStudy.Of(1).ToJson()).Replace("\"model\": {", "\"later\": {\"a\": [1]}, \"model\": {\"b\": null,", StringComparison.Ordinal);

        Assert.Single(FrontierDocument.Parse(Encoding.UTF8.GetBytes(json)).Variants);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("absent.json", Assert.Throws<FrontierDocumentException>(() => FrontierDocument.Read("absent.json")).Message, StringComparison.Ordinal);
}
