using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Recipes that restructure a network first and quantize what is left: which of them are worth a trial.</summary>
/// <remarks>
/// Of a restructuring and of a quantization that were each measured alone, the combination is expected to lose what both lose, more by what earlier combinations with the same restructuring lost beyond that, and to take the
/// product of their shares of the baseline's size. A combination is worth the logarithm of how much smaller it would be than anything measured with at most its loss, weighted down where the loss
/// is more than anyone would take. What is chosen counts as measured for those that follow.
/// Deterministic: no seed, no clock.
/// </remarks>
public static class CombinedRecipes
{
    // As on the frontier itself: a loss of 2 % counts half.
    const double FeltLoss = 0.02;
    const double LeastWorth = 0.01;

    /// <summary>Combinations worth trying next, best first.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="restructured">Restructurings, each measured alone.</param>
    /// <param name="quantized">Recipes without any, measured.</param>
    /// <param name="combined">Combinations that were measured, with their two parts.</param>
    /// <param name="axes">What is traded for accuracy.</param>
    /// <param name="count">Recipes wanted at most.</param>
    /// <param name="known">Ids of all recipes tried, failed ones included.</param>
    public static ImmutableArray<Recipe> Propose(MeasuredRecipe baseline, IReadOnlyList<MeasuredRecipe> restructured, IReadOnlyList<MeasuredRecipe> quantized,
        IReadOnlyList<CombinedRecipe> combined, IReadOnlyList<LadderAxis> axes, int count, IReadOnlySet<string> known)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(restructured);
        ArgumentNullException.ThrowIfNull(quantized);
        ArgumentNullException.ThrowIfNull(combined);
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(known);
        var expected = restructured.SelectMany(first => quantized.Select(second => Expected(baseline, first, second, ExcessOf(first, combined))))
            .Where(recipe => !known.Contains(recipe.Recipe.Id)).ToList();
        var measured = restructured.Concat(quantized).Concat(combined.Select(one => one.Whole)).Append(baseline).ToList();
        var proposals = new ProposalList(count, known);
        while (!proposals.IsFull && expected.Count > 0)
        {
            var (worth, best) = expected.Select(recipe => (Worth: axes.Max(axis => Worth(recipe, measured, axis)), Recipe: recipe))
                .OrderByDescending(entry => entry.Worth).ThenBy(entry => entry.Recipe.Recipe.Id, StringComparer.Ordinal).First();
            if (worth < LeastWorth) break;
            proposals.Add(best.Recipe);
            expected.Remove(best);
            measured.Add(best);
        }

        return proposals.ToImmutable();
    }

    static MeasuredRecipe Expected(MeasuredRecipe baseline, MeasuredRecipe first, MeasuredRecipe second, double excess) => new(
        new Recipe([.. first.Recipe.Steps, .. second.Recipe.Steps]), first.Loss + second.Loss + excess,
        first.FileBytes * second.FileBytes / baseline.FileBytes, first.Cost * second.Cost / baseline.Cost);

    static double ExcessOf(MeasuredRecipe first, IReadOnlyList<CombinedRecipe> combined)
    {
        double[] excesses = [.. combined.Where(one => one.Restructured.Recipe.Equals(first.Recipe)).Select(one => one.Whole.Loss - one.Restructured.Loss - one.Quantized.Loss)];
        return excesses.Length > 0 ? excesses.Average() : 0;
    }

    static double Worth(MeasuredRecipe recipe, List<MeasuredRecipe> measured, LadderAxis axis)
    {
        double size = recipe.Size(axis);
        if (!(size > 0) || !double.IsFinite(size) || !double.IsFinite(recipe.Loss)) return 0;
        double least = measured.Where(other => other.Loss <= recipe.Loss && other.Size(axis) > 0).Select(other => other.Size(axis)).DefaultIfEmpty(double.PositiveInfinity).Min();
        return double.IsFinite(least) ? Math.Log(least / size) * FeltLoss / (FeltLoss + Math.Max(0, recipe.Loss)) : 0;
    }
}

/// <summary>A measured combination and its parts.</summary>
/// <param name="Whole">The combination.</param>
/// <param name="Restructured">The restructuring alone.</param>
/// <param name="Quantized">The quantization alone.</param>
public sealed record CombinedRecipe(MeasuredRecipe Whole, MeasuredRecipe Restructured, MeasuredRecipe Quantized);
