using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Reports.Html;

/// <summary>Writes a study as one HTML file to read and to hover, which loads nothing from anywhere.</summary>
/// <remarks>
/// The policy in its head forbids every load and lets only the file's own style and script run, each by its hash, so that a name in the study
/// that tried to be markup would still do nothing. Names reach the page as text: escaped here, set as text by the script, and
/// in the embedded data with every character escaped that could end a script. Works for studies of up to some thousands of variants.
/// </remarks>
public static partial class ReportHtml
{
    static readonly string[] Scripts =
        ["1-format.js", "2-model.js", "3-axis.js", "4-chart.js", "5-tip.js", "6-table.js", "7-layers.js", "8-budgets.js", "9-page.js"];

    /// <summary>The report, UTF-8.</summary>
    /// <param name="document">The study.</param>
    /// <param name="limits">What theory says of it; null to leave that out.</param>
    /// <param name="model">What the search has learned; null to leave that out.</param>
    public static byte[] Write(FrontierDocument document, StudyLimits? limits = null, SpaceModel? model = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        document = FiniteFigures.Of(document);
        string style = Resource("report.css");
        string script = Script();
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["policy"] = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'",
            ["style"] = style,
            ["script"] = script,
            ["title"] = Text($"{document.Model.File} – Kneepoint"),
            ["version"] = Text(document.Kneepoint),
            ["model"] = Text(document.Model.File),
            ["summary"] = Text(FrontierSummary.Of(document)),
            ["circumstances"] = Text(FrontierText.Circumstances(document)),
            ["facts"] = Definitions(StudyFactsText.Of(document)),
            ["definitions"] = Definitions(FigureDefinitions.Of(document)),
            ["space"] = ModelSection.Of(document, model),
            ["spaceLink"] = model is null or { Costs.IsEmpty: true } || document.Baseline is null ? "" : "<a href=\"#model\">What more would buy</a>",
            ["limits"] = LimitsSection.Of(document, limits),
            ["limitsLink"] = limits is null or { Variants.IsEmpty: true } ? "" : "<a href=\"#limits\">Limits</a>",
            ["data"] = Encoding.UTF8.GetString(ReportData.Write(document)),
        };
        // One pass over the template: what is put in is never looked at again.
        return Encoding.UTF8.GetBytes(Placeholder().Replace(Resource("report.html"), match => parts[match.Groups[1].Value]));
    }

    static string Script()
    {
        var script = new StringBuilder("(() => {\n'use strict';\nconst data = JSON.parse(document.getElementById('data').textContent);\n");
        foreach (string file in Scripts) script.Append(Resource(file));
        return script.Append("})();\n").ToString();
    }

    static string Definitions(ImmutableArray<(string Term, string Meaning)> entries) =>
        string.Join('\n', entries.Select(entry => $"<dt>{Text(entry.Term)}</dt><dd>{Text(entry.Meaning)}</dd>"));

    static string Text(string text) => WebUtility.HtmlEncode(Format.Plain(text));

    static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    // A browser hashes what it has parsed, in which line ends are line feeds.
    static string Resource(string name)
    {
        using var stream = typeof(ReportHtml).Assembly.GetManifestResourceStream($"Kneepoint.Reports.Html.{name}")
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The library lacks its resource '{name}'."));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
