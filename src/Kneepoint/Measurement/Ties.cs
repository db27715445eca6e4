using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Measurement;

/// <summary>Tells which networks the samples cannot tell apart in accuracy.</summary>
public static class Ties
{
    /// <summary>Whether two networks are tied: a paired test at 95 % finds no difference.</summary>
    /// <remarks>Being tied is not transitive: a may be tied with b and b with c, and a differ from c.</remarks>
    public static bool AreTied(IMetric metric, SampleScores a, SampleScores b, long seed) => !PairedChange.Of(metric, a, b, seed).IsDistinguishable;

    /// <summary>For each network the indices of those that are tied with it, in growing order.</summary>
    /// <remarks>Cost: one comparison for each pair; for metrics that are no proportions each is a bootstrap.</remarks>
    public static IReadOnlyList<IReadOnlyList<int>> Among(IMetric metric, IReadOnlyList<SampleScores> networks, long seed)
    {
        ArgumentNullException.ThrowIfNull(networks);
        var tied = networks.Select(_ => new List<int>()).ToList();
        for (int a = 0; a < networks.Count; a++)
        {
            for (int b = a + 1; b < networks.Count; b++)
            {
                if (!AreTied(metric, networks[a], networks[b], seed)) continue;
                tied[a].Add(b);
                tied[b].Add(a);
            }
        }

        foreach (var list in tied) list.Sort();
        return tied;
    }
}
