using System.Globalization;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.Reports.Html;

/// <summary>Three questions that readers have, answered with the study's own figures.</summary>
static class LimitsAnswers
{
    /// <summary>Questions and answers.</summary>
    public static IEnumerable<(string Question, string Answer)> Of(FrontierDocument document, StudyLimits limits)
    {
        yield return ("What is a Pareto frontier, and how does it relate to compression?", Frontier(document));
        yield return ("How do memory and compute constraints influence the accuracy that can be had?", Constraints(document));
        yield return ("What formal constraints limit compression?", Formal(document, limits));
    }

    static string Frontier(FrontierDocument document)
    {
        var front = document.Variants.Where(variant => variant.OnFrontier).ToList();
        string objectives = string.Join(", ", document.Objectives.Select(objective => objective.Name));
        var smallest = front.MinBy(variant => variant.Memory.FileBytes);
        string end = smallest is null || document.Baseline is null ? "" : $" Its smallest end is {RecipeText.Of(smallest.Recipe)}: {FrontierSummary.Against(document, smallest)}.";
        return $"A variant is on the frontier if no other one is at least as good in all of {objectives} and better in one; whatever matters to you, your best variant is among them. On your network {front.Count} of {document.Variants.Length} measured variants are.{end}";
    }

    static string Constraints(FrontierDocument document)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        if (document.Baseline is not { } baseline) return "Without a measured baseline there is nothing to compare with.";
        bool isMaximized = document.Data.Metric.Direction == Direction.Maximize;
        string Best(Func<FrontierVariant, double> figure, double share, string what)
        {
            double limit = figure(baseline) * share;
            var fitting = document.Variants.Where(variant => variant.AccuracyChange is not null && figure(variant) is > 0 and var used && used <= limit).ToList();
            if (fitting.Count == 0) return string.Create(CultureInfo.InvariantCulture, $"no variant takes 1/{1 / share:0} of the {what}");
            var best = isMaximized ? fitting.MaxBy(variant => variant.AccuracyChange!.Value.Value)! : fitting.MinBy(variant => variant.AccuracyChange!.Value.Value)!;
            return string.Create(CultureInfo.InvariantCulture, $"with 1/{1 / share:0} of the {what} {metric.Change(best.AccuracyChange!.Value)}");
        }

        string[] memory = [.. new[] { 0.5, 0.25, 0.125 }.Select(share => Best(variant => variant.Memory.FileBytes, share, "bytes"))];
        string[] compute = [.. new[] { 0.5, 0.25 }.Select(share => Best(variant => variant.Compute.BitOps, share, "bit operations"))];
        return $"A constraint takes variants away, so what is left can only be worse: the best change as a function of the budget never rises as the budget falls, and how fast it falls is the price. On your network the best that was measured is, {string.Join("; ", memory)}. "
            + $"Of arithmetic, {string.Join("; ", compute)}. Both at once are at most as good as the worse of the two; type them into the box above.";
    }

    static string Formal(FrontierDocument document, StudyLimits limits)
    {
        var parts = new List<string>();
        if (limits.MdlChoice is { } choice && limits.Variants.FirstOrDefault(variant => variant.Id == choice.AsMeasured) is { } best)
        {
            parts.Add($"the shortest description of network and labels that was measured takes {LimitsFigures.Bits(limits.Variants.Min(variant => variant.TotalBits))}, with {(document.Find(best.Id) is { } known ? RecipeText.Of(known.Recipe) : best.Id)}");
        }

        if (limits.Noise is { } noise && noise.Points.Length > 1)
        {
            var metric = MetricFormat.Of(document.Data.Metric.Name);
            var low = noise.Points.MinBy(point => Math.Abs(point.BitsPerWeight - 1))!;
            parts.Add($"noise of an ideal code of {LimitsFigures.Number(low.BitsPerWeight)} bits a weight costs {metric.Change(low.Change)} if weights are Gaussian");
        }

        var gaps = limits.Variants.Where(variant => document.Find(variant.Id)?.OnFrontier == true && variant.GapBitsPerWeight is { } gap && double.IsFinite(gap)).Select(variant => variant.GapBitsPerWeight!.Value).ToList();
        if (gaps.Count > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"codes of the frontier are {gaps.Min():0.00} to {gaps.Max():0.00} bits a weight above the ideal code for the errors they make"));
        if (limits.Variants.Any(variant => variant.SizeAtLeastBits is not null)) parts.Add($"no code of a network that overfits so takes less than {LimitsFigures.Bits(limits.Variants.Max(variant => variant.SizeAtLeastBits))}");
        if (limits.Resolution is { } resolution) parts.Add($"differences below {LimitsFigures.Percent(resolution.Paired)} cannot be seen on {Format.Whole(limits.Samples)} samples");
        string own = parts.Count == 0 ? "run 'kneepoint limits' on the study's folder to see them." : $"{string.Join("; ", parts)}.";
        return $"Three kinds: what a description needs at least (how many bits, for what is to be told apart), what an error needs at least (rate and distortion), and what samples can show at all. On your network: {own}";
    }
}
