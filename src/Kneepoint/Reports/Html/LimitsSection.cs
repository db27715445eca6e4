using System.Globalization;
using System.Net;
using System.Text;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.Reports.Html;

/// <summary>The report's section on limits: answers, plots and tables, readable without the page's script.</summary>
static class LimitsSection
{
    /// <summary>The section; empty where nothing is known.</summary>
    public static string Of(FrontierDocument document, StudyLimits? limits)
    {
        if (limits is null || limits.Variants.IsEmpty) return "";
        var html = new StringBuilder();
        html.Append("<section id=\"limits\" aria-labelledby=\"h-limits\"><h2 id=\"h-limits\">Limits</h2>");
        Paragraph(html, "What theory says beside what was measured. TRUE holds for this network under the assumptions that are named; CONDITIONAL is exact for a model of the weights, not for this network; an ESTIMATE is no bound. "
            + "The smallest size of one given network cannot be computed by any method.", "muted");
        foreach (var (question, answer) in LimitsAnswers.Of(document, limits))
        {
            html.Append("<h3>").Append(Text(question)).Append("</h3>");
            Paragraph(html, answer, "lead-small");
        }

        if (limits.Noise is not null || limits.Ranks is not null) AppendPlots(html, document, limits);
        AppendCodes(html, document, limits);
        AppendPrecision(html, limits);
        AppendStatements(html, document, limits);
        return html.Append("</section>").ToString();
    }

    static void AppendPlots(StringBuilder html, FrontierDocument document, StudyLimits limits)
    {
        html.Append("<div class=\"charts two\">");
        if (limits.Noise is { } noise) html.Append(LimitsPlots.NoiseFrontier(document, limits, noise).ToHtml());
        if (limits.Ranks is not null && LimitsPlots.Predictions(document, limits) is { } plot) html.Append(plot.ToHtml());
        html.Append("</div>");
    }

    static void AppendCodes(StringBuilder html, FrontierDocument document, StudyLimits limits)
    {
        var shown = Shown(document, limits).ToList();
        if (shown.Count == 0) return;
        html.Append("<h3>Variant by variant</h3>");
        bool hasTraining = limits.TrainSamples is not null;
        string[] fromTraining = hasTraining ? ["… from packed bytes", "size at least"] : [];
        var table = new HtmlTable(["variant", "network", "labels", "total", "error at most, held out", .. fromTraining, "bits/weight", "above ideal code", "above noise, same " + MetricFormat.Of(document.Data.Metric.Name).Name, "above noise, same divergence"]);
        foreach (var variant in shown)
        {
            string[] trained = hasTraining ? [variant.IsOccamVacuous == true ? "vacuous" : LimitsFigures.Percent(variant.OccamErrorAtMost), LimitsFigures.Bits(variant.SizeAtLeastBits)] : [];
            table.Add([document.Find(variant.Id) is { } known ? RecipeText.Of(known.Recipe) : variant.Id, LimitsFigures.Bits(variant.ModelBits), LimitsFigures.Bits(variant.LabelBits), LimitsFigures.Bits(variant.TotalBits),
                LimitsFigures.Percent(variant.HeldOutErrorAtMost), .. trained, LimitsFigures.Number(variant.BitsPerWeight), LimitsFigures.Signed(variant.GapBitsPerWeight),
                LimitsFigures.Gap(variant.BitsPerWeight, variant.NoiseRate), LimitsFigures.Gap(variant.BitsPerWeight, variant.NoiseRateByDivergence)]);
        }

        html.Append(table.ToHtml());
        Paragraph(html, "Network, labels, total: C. Error at most: E, 95 %. Size at least: A. Above ideal code: bits a weight above what an ideal code takes for the error that was made (H, G). Above noise: bits a weight above those at which noise alone loses as much (F), "
            + "with the interval of the samples; below 0 an achieved point beats the model of Gaussian weights.", "muted small");
    }

    static void AppendPrecision(StringBuilder html, StudyLimits limits)
    {
        if (limits.Precision is not { } precision) return;
        html.Append("<h3>Accuracy against precision: all weights rounded to the nearest, one step a layer</h3>");
        var table = new HtmlTable("bits", "theorem 1 (M)", "decisions changed at most (M)", "decisions changed, measured", "right, measured", "right and certified (N)");
        foreach (var row in precision.Rows)
        {
            table.Add(row.Bits.ToString(CultureInfo.InvariantCulture), LimitsFigures.Share(row.Theorem), LimitsFigures.Share(row.MismatchAtMost), LimitsFigures.Share(row.MeasuredMismatch), LimitsFigures.Share(row.MeasuredAccuracy), LimitsFigures.Share(row.CertifiedShare));
        }

        html.Append(table.ToHtml());
        Paragraph(html, string.Create(CultureInfo.InvariantCulture, $"M holds for independent errors, to first order: exact for dithered rounding only ({precision.MismatchSamples} samples). Measured on the same {precision.MeasuredSamples}, right and certified on {precision.CertifiedSamples}."), "muted small");
    }

    static void AppendStatements(StringBuilder html, FrontierDocument document, StudyLimits limits)
    {
        html.Append("<h3>Statement by statement</h3><dl class=\"statements\">");
        foreach (var (statement, sentence) in LimitsSentences.Of(document, limits))
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{statement.Letter} · {Text(statement.Name)} <span class=\"tag {statement.StatusWord.ToLowerInvariant()}\">{statement.StatusWord}</span></dt>");
            html.Append(CultureInfo.InvariantCulture, $"<dd>{Text(sentence)} <span class=\"muted small\">Assumes: {Text(statement.Assumptions.TrimEnd('.'))}.</span></dd>");
        }

        html.Append("</dl>");
        var missing = limits.Missing.GroupBy(entry => entry.Reason).Select(group => $"{string.Join(", ", group.Select(entry => entry.Letter))}: {group.Key}").ToList();
        if (missing.Count > 0) Paragraph(html, $"Not available. {string.Join(" ", missing)}", "muted small");
    }

    static IEnumerable<VariantLimits> Shown(FrontierDocument document, StudyLimits limits) =>
        limits.Variants.Where(variant => document.Find(variant.Id) is { } known && (known.OnFrontier || known.IsBaseline || variant.Id == limits.MdlChoice?.AsMeasured)).OrderBy(variant => variant.ModelBits);

    static void Paragraph(StringBuilder html, string text, string style) => html.Append(CultureInfo.InvariantCulture, $"<p class=\"{style}\">{Text(text)}</p>");

    static string Text(string text) => WebUtility.HtmlEncode(Format.Plain(text));
}
