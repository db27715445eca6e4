using System.Text;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

/// <summary>What frontier.json says of description lengths.</summary>
public sealed class LimitsInDocumentTests
{
    static readonly FrontierDocument Document = With(SyntheticStudy.Of(5, layerCount: 3));

    [Fact]
    public void Labels_and_choices_read_back()
    {
        byte[] json = Document.ToJson();

        var again = FrontierDocument.Parse(json);

        Assert.Equal(json, again.ToJson());
        Assert.Equal(Document.Variants.Select(variant => variant.Labels), again.Variants.Select(variant => variant.Labels));
        Assert.Equal((Document.MdlChoice, Document.MdlChoices), (again.MdlChoice, again.MdlChoices));
    }

    [Theory]
    [InlineData("\"mdlChoice\": \"", "\"mdlChoice\": \"0")]
    [InlineData("\"tenth\": \"", "\"tenth\": \"0")]
    [InlineData("\"asMeasured\": \"", "\"asMeasured\": \"0")]
    [InlineData("\"tenfold\": \"", "\"tenfold\": \"0")]
    public void A_choice_that_is_no_variant_is_refused(string original, string replacement)
    {
        string json = Encoding.UTF8.GetString(Document.ToJson()), broken = json.Replace(original, replacement, StringComparison.Ordinal);
        Assert.NotEqual(json, broken);

        Assert.Contains("refers to the variant '0", Assert.Throws<FrontierDocumentException>(() => FrontierDocument.Parse(Encoding.UTF8.GetBytes(broken))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"nats\": 12.5", "\"nats\": \"many\"", "labels.nats")]
    [InlineData("\"count\": 2000", "\"count\": -1", "labels.count")]
    public void Labels_that_are_no_figures_are_refused(string original, string replacement, string place)
    {
        string json = Encoding.UTF8.GetString(Document.ToJson());
        int at = json.IndexOf(original, StringComparison.Ordinal);
        Assert.True(at >= 0, original);

        Assert.Contains(place, Assert.Throws<FrontierDocumentException>(() => FrontierDocument.Parse(Encoding.UTF8.GetBytes(json[..at] + replacement + json[(at + original.Length)..]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_an_earlier_version_has_neither()
    {
        string json = Encoding.UTF8.GetString(SyntheticStudy.Of(5, layerCount: 3).ToJson());

        var document = FrontierDocument.Parse(Encoding.UTF8.GetBytes(json));

        Assert.All(document.Variants, variant => Assert.Null(variant.Labels));
        Assert.Equal((null, null), (document.MdlChoice, document.MdlChoices));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Labels_that_cost_no_finite_number_make_a_file_that_reads_back(double nats)
    {
        var document = Document with { Variants = [.. Document.Variants.Select(variant => variant with { Labels = new LabelCost(nats, 2000) })] };

        byte[] json = document.ToJson();

        Assert.Equal(json, FrontierDocument.Parse(json).ToJson());
    }

    static FrontierDocument With(FrontierDocument document) => document with
    {
        Variants = [.. document.Variants.Select((variant, i) => variant with { Labels = new LabelCost(12.5 + i, 2000) })],
        MdlChoice = document.Variants[1].Id,
        MdlChoices = new MdlChoices(document.Variants[2].Id, document.Variants[1].Id, document.Variants[0].Id),
    };
}
