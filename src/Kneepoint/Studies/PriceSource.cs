using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes rate-constrained variants of one network after another, each at a price that fills the curve of packed bytes over loss.</summary>
/// <remarks>
/// The price goes up by fours until the loss is more than anyone wants, and down until it is none that the data can tell; then the widest gap between neighbors on the curve is halved, as
/// long as it is worth it.
/// </remarks>
/// <param name="isFittedInSuccession">Whether layers are fitted to the rounded ones before: better, and a run of the samples for each layer.</param>
sealed class PriceSource(bool isFittedInSuccession)
{
    const double First = 1e-6, Factor = 4;
    const double LeastPrice = 1e-12, MostPrice = 1e-2;

    // A share of the metric: what is left to tell, and what nobody wants.
    const double LeastLoss = 0.002;
    internal const double MostLoss = 0.06;

    // Neighbors this near in bytes need nothing between them.
    const double LeastRatio = 1.08;

    /// <summary>The next recipe; null where the curve is full.</summary>
    /// <param name="measured">Packed bytes and loss of each recipe that was measured.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    public Recipe? Next(IEnumerable<(Recipe Recipe, long PackedBytes, double Loss)> measured, IReadOnlySet<string> known)
    {
        var curve = measured.Where(point => PriceOf(point.Recipe) is not null).Select(point => (Price: PriceOf(point.Recipe)!.Value, point.PackedBytes, point.Loss)).OrderBy(point => point.Price).ToList();
        foreach (double price in Wanted(curve))
        {
            var recipe = new Recipe([new RateConstrainedWeights { Price = price, IsFittedInSuccession = isFittedInSuccession }.ToStep(Step.WholeNetwork)]);
            if (price is >= LeastPrice and <= MostPrice && !known.Contains(recipe.Id)) return recipe;
        }

        return null;
    }

    static IEnumerable<double> Wanted(List<(double Price, long PackedBytes, double Loss)> curve)
    {
        if (curve.Count == 0)
        {
            yield return First;
            yield break;
        }

        if (curve[^1].Loss < MostLoss) yield return RateConstrainedWeights.RoundPrice(curve[^1].Price * Factor);
        if (curve[0].Loss > LeastLoss) yield return RateConstrainedWeights.RoundPrice(curve[0].Price / Factor);
        var gaps = curve.Zip(curve.Skip(1)).Where(gap => gap.First.Loss < MostLoss && gap.Second.Loss > LeastLoss)
            .Select(gap => (Middle: Math.Sqrt(gap.First.Price * gap.Second.Price), Ratio: (double)gap.First.PackedBytes / Math.Max(1, gap.Second.PackedBytes)))
            .Where(gap => gap.Ratio > LeastRatio).OrderByDescending(gap => gap.Ratio);
        foreach (var (middle, _) in gaps) yield return RateConstrainedWeights.RoundPrice(middle);
    }

    double? PriceOf(Recipe recipe) => MethodOf(recipe) is { } method && method.IsFittedInSuccession == isFittedInSuccession ? method.Price : null;

    /// <summary>The method of a recipe of this one step; null for all others.</summary>
    internal static RateConstrainedWeights? MethodOf(Recipe recipe) => recipe.Steps is [{ Method: RateConstrainedWeights.MethodName } step] ? Compression.MethodCatalog.Parse(step) as RateConstrainedWeights : null;
}
