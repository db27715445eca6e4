using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes restructured networks whose weights are rate-constrained: fewer bytes to download and less to compute at once.</summary>
/// <remarks>A restructuring alone saves no packed bytes at equal accuracy, and a price alone no arithmetic: only together they are better in both. The restructured networks that compute least come first, each at the
/// highest price at which the two losses together are still wanted.</remarks>
static class PricedCombinations
{
    /// <summary>The most that are tried: each costs a rounding of the whole network.</summary>
    public const int Most = 3;

    // A share of the metric: what nobody wants.
    const double MostLoss = 0.06;

    /// <summary>The next one; null if there is nothing to combine, or enough was.</summary>
    /// <param name="measured">Multiply-accumulates and loss of each recipe that was measured.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    public static Recipe? Next(IReadOnlyCollection<(Recipe Recipe, double Macs, double Loss)> measured, IReadOnlySet<string> known)
    {
        var priced = measured.Where(point => point.Recipe.Steps is [{ Method: RateConstrainedWeights.MethodName }]).OrderByDescending(point => PriceOf(point.Recipe)).ToList();
        var restructured = measured.Where(point => !point.Recipe.Steps.IsEmpty && RestructuringSource.RestOf(point.Recipe).Steps.IsEmpty && point.Loss < MostLoss).OrderBy(point => point.Macs).ToList();
        int tried = 0;
        foreach (var network in restructured)
        {
            if (priced.Any(price => known.Contains(Both(network.Recipe, price.Recipe).Id))) tried++;
        }

        if (tried >= Most) return null;
        foreach (var network in restructured)
        {
            if (priced.Any(price => known.Contains(Both(network.Recipe, price.Recipe).Id))) continue;
            if (priced.FirstOrDefault(price => Math.Max(0, price.Loss) + Math.Max(0, network.Loss) < MostLoss) is { Recipe: { } step }) return Both(network.Recipe, step);
        }

        return null;
    }

    static Recipe Both(Recipe restructured, Recipe priced) => new([.. restructured.Steps, .. priced.Steps]);

    static double PriceOf(Recipe recipe) => Compression.MethodCatalog.Parse(recipe.Steps[0]) is RateConstrainedWeights method ? method.Price : 0;
}
