using Kneepoint.Compression;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes restructured networks whose weights are rate-constrained: fewer bytes to download and less to compute at once.</summary>
/// <remarks>The restructured networks that compute least come first, each at the highest price at which the two losses together are still wanted.</remarks>
static class PricedCombinations
{
    /// <summary>The most that are tried: each costs a rounding of the whole network.</summary>
    public const int Most = 3;

    /// <summary>The next one; null if there is nothing to combine, or enough was.</summary>
    /// <param name="measured">Multiply-accumulates and loss, as a share of the metric, of each recipe that was measured.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    public static Recipe? Next(IReadOnlyCollection<(Recipe Recipe, double Macs, double Loss)> measured, IReadOnlySet<string> known)
    {
        var priced = measured.Where(point => PriceSource.MethodOf(point.Recipe) is not null).OrderByDescending(point => PriceSource.MethodOf(point.Recipe)!.Price).ToList();
        var restructured = measured.Where(point => !point.Recipe.Steps.IsEmpty && point.Recipe.Steps.All(step => MethodCatalog.Parse(step) is RestructuringMethod)).OrderBy(point => point.Macs)
            .ToLookup(network => priced.Any(price => known.Contains(Both(network.Recipe, price.Recipe).Id)));
        if (restructured[true].Count() >= Most) return null;
        var wanted = from network in restructured[false]
                     from price in priced
                     where Math.Max(0, price.Loss) + Math.Max(0, network.Loss) < PriceSource.MostLoss
                     select Both(network.Recipe, price.Recipe);
        return wanted.FirstOrDefault();
    }

    static Recipe Both(Recipe restructured, Recipe priced) => new([.. restructured.Steps, .. priced.Steps]);
}
