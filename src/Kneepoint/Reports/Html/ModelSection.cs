using System.Globalization;
using System.Net;
using System.Text;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Reports.Html;

/// <summary>The report's section on what the search has learned: what more of a cost buys, and why the knee and other choices are as they are; readable without the page's script.</summary>
static class ModelSection
{
    const int Steps = 40;

    /// <summary>The section; empty where recipes were not planned.</summary>
    public static string Of(FrontierDocument document, SpaceModel? model)
    {
        if (model is null || model.Costs.IsEmpty || document.Baseline is null) return "";
        var texts = new ModelTexts(document, model);
        var html = new StringBuilder("<section id=\"model\" aria-labelledby=\"h-model\"><h2 id=\"h-model\">What more would buy</h2>");
        Paragraph(html, "By the model that the search has built: what each choice of each layer saves, and what it costs, from calibration samples and corrected by what was measured. Expected, not measured.", "muted");
        if (document.Knee is { } knee && document.Find(knee) is { } kneeVariant && PurchasesOf(model, texts, kneeVariant) is { Length: > 0 } prices) Paragraph(html, $"At the knee, {string.Join("; ", prices)}.", "lead-small");
        html.Append("<div class=\"charts\">").Append(Plot(document, model, texts).ToHtml()).Append("</div>");
        AppendPrices(html, document, model, texts);
        foreach (var (name, variant) in Explained(document)) AppendExplanation(html, name, variant, model, texts);
        foreach (string sentence in texts.Checks()) Paragraph(html, sentence, "muted small");
        foreach (string sentence in model.Pruned) Paragraph(html, sentence, "muted small");
        return html.Append("</section>").ToString();
    }

    static ScatterPlot Plot(FrontierDocument document, SpaceModel model, ModelTexts texts)
    {
        string cost = model.Costs[0];
        double unit = cost is "latency" ? 1 : 1000, baseline = model.Forms[0].Costs[0];
        double Accuracy(double loss) => texts.AccuracyAt(loss);
        var hull = new ModeledHull(model, 0);
        var known = document.Variants.Where(variant => variant.Accuracy is not null && ModelTexts.CostOf(cost, variant) is not null).ToArray();

        // What was measured is possible, whatever the model adds up.
        ScatterPoint Bound(double limit, double loss)
        {
            double[] above = [.. known.Where(variant => ModelTexts.CostOf(cost, variant) <= limit * (1 + 1e-9) && texts.LossOf(variant.Accuracy!.Value.Value) < loss).Select(variant => texts.LossOf(variant.Accuracy!.Value.Value))];
            return above.Length == 0 ? new ScatterPoint(limit / unit, Accuracy(loss), double.NaN, double.NaN, $"{texts.Cost(0, limit)}: none of the model's recipes is expected to be better than {texts.Value(loss)}")
                : new ScatterPoint(limit / unit, Accuracy(above.Min()), double.NaN, double.NaN, $"{texts.Cost(0, limit)}: measured {texts.Value(above.Min())}, better than the {texts.Value(loss)} that the model thinks possible");
        }

        List<ScatterPoint> best = [], bound = [];
        double least = ModeledAnswer.Least(model, cost, [], double.PositiveInfinity)?.Limit ?? baseline;
        for (int i = 0; i <= Steps; i++)
        {
            double limit = least * Math.Pow(baseline / least, i / (double)Steps);
            if (hull.LossBound(limit * (1 + 1e-9)) is var loss && double.IsFinite(loss)) bound.Add(Bound(limit, loss));
            if (ModeledOptimum.Of(model, [limit * (1 + 1e-9), .. Enumerable.Repeat(double.PositiveInfinity, model.Costs.Length - 1)]) is not { } found) continue;
            best.Add(new ScatterPoint(found.Costs[0] / unit, Accuracy(found.Loss), double.NaN, double.NaN, $"{texts.Cost(0, found.Costs[0])}: {texts.Value(found.Loss)} expected, at a price of {texts.Price(0, found.Prices[0])}"));
        }

        var measured = document.Variants.Where(variant => variant is { OnFrontier: true, Accuracy: not null } && ModelTexts.CostOf(cost, variant) is not null)
            .Select(variant => new ScatterPoint(ModelTexts.CostOf(cost, variant)!.Value / unit, texts.Shown(variant.Accuracy!.Value.Value), texts.Shown(variant.Accuracy.Value.Low), texts.Shown(variant.Accuracy.Value.High), RecipeText.Of(variant.Recipe))).OrderBy(point => point.X).ToList();
        string unitName = cost is "latency" ? "ms" : cost is "macs" or "bitOps" ? "K" : "KB";
        ScatterSeries[] series = [new("bound of the model, or what was measured beyond it", "basemark", true, bound), new("expected by the model", "below", true, [.. best.OrderBy(point => point.X)]), new("measured, 95 %", "front", false, measured)];
        return new ScatterPlot("Best recipe of the model for every limit, and measured variants of the frontier", $"{ModelTexts.CostName(cost)}, {unitName}", texts.MetricName, series) { IsLogX = true };
    }

    static void AppendPrices(StringBuilder html, FrontierDocument document, SpaceModel model, ModelTexts texts)
    {
        var rows = document.Variants.Where(variant => variant.OnFrontier).OrderBy(variant => variant.Memory.FileBytes).Select(variant => (Variant: variant, Saved: Saved(model, texts, variant))).ToList();
        int[] priced = [.. Enumerable.Range(0, model.Costs.Length).Where(k => rows.Any(row => texts.CanBeSeen(row.Saved[k])))];
        if (priced.Length == 0) return;
        var table = new HtmlTable(["variant", "recipe", .. model.Costs.Select(ModelTexts.CostName), .. priced.Select(texts.PurchaseHead)]) { TextColumns = new HashSet<int> { 1 } };
        foreach (var (variant, saved) in rows)
        {
            table.Add([variant.Id, RecipeText.Of(variant.Recipe), .. model.Costs.Select((cost, k) => ModelTexts.CostOf(cost, variant) is { } figure ? texts.Cost(k, figure) : ""), .. priced.Select(k => texts.CanBeSeen(saved[k]) ? texts.Loss(-saved[k]) : "–")]);
        }

        html.Append("<h3>Prices along the frontier</h3>").Append(table.ToHtml());
        Paragraph(html, "What some more of one cost buys where a variant is: how much less than the variant, and than the exact optimum of the model at its cost, the optimum loses with so much more of that cost alone. A dash where the model knows of nothing that can be seen.", "muted small");
    }

    static IEnumerable<(string Name, FrontierVariant Variant)> Explained(FrontierDocument document)
    {
        var named = new List<(string Name, FrontierVariant Variant)>();
        if (document.Knee is { } knee && document.Find(knee) is { } variant) named.Add(("the knee", variant));
        named.AddRange(TypicalChoice.Of(document).Select(choice => (choice.Purpose, choice.Variant)));
        return named.Where(entry => !entry.Variant.IsBaseline).DistinctBy(entry => entry.Variant.Id);
    }

    static void AppendExplanation(StringBuilder html, string name, FrontierVariant variant, SpaceModel model, ModelTexts texts)
    {
        if (Explanation.Of(model, variant.Recipe) is not { } explanation) return;
        html.Append(CultureInfo.InvariantCulture, $"<details><summary>Why {Text(name)} is as it is, layer by layer: {Text(RecipeText.Of(variant.Recipe))}</summary>");
        var table = new HtmlTable(["layer", "chosen", .. model.Costs.Select(cost => $"saves {ModelTexts.CostName(cost)}"), "change", "next best"]) { TextColumns = new HashSet<int> { 1, model.Costs.Length + 3 } };
        foreach (var group in explanation.Groups) table.Add([string.Join(" = ", group.Layers), group.Method, .. group.Saved.Select((saved, k) => texts.Cost(k, saved)), texts.Loss(group.Loss), texts.Next(group.Next)]);
        html.Append(table.ToHtml());
        foreach (string sentence in texts.About(explanation)) Paragraph(html, sentence, "muted small");
        html.Append("</details>");
    }

    static string[] PurchasesOf(SpaceModel model, ModelTexts texts, FrontierVariant variant) => [.. Saved(model, texts, variant).Select((saved, k) => (saved, k)).Where(entry => texts.CanBeSeen(entry.saved)).Select(entry => texts.Purchase(entry.k, entry.saved))];

    static double[] Saved(SpaceModel model, ModelTexts texts, FrontierVariant variant) => [.. texts.SavedByStep([.. model.Costs.Select(cost => ModelTexts.CostOf(cost, variant) ?? double.NaN)], variant.Accuracy is { } accuracy ? texts.LossOf(accuracy.Value) : double.PositiveInfinity)];

    static void Paragraph(StringBuilder html, string text, string style) => html.Append(CultureInfo.InvariantCulture, $"<p class=\"{style}\">{Text(text)}</p>");

    static string Text(string text) => WebUtility.HtmlEncode(Format.Plain(text));
}
