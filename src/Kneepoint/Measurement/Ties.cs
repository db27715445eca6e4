using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Measurement;

/// <summary>Tells which networks the samples cannot tell apart in accuracy.</summary>
public static class Ties
{
    /// <summary>Whether two networks are tied: a paired test at 95 % finds no difference.</summary>
    /// <remarks>Being tied is not transitive: a may be tied with b and b with c, and a differ from c.</remarks>
    public static bool AreTied(IMetric metric, SampleScores a, SampleScores b, long seed) => !PairedChange.Of(metric, a, b, seed).IsDistinguishable;

    /// <summary>For each network the indices of those that are tied with it, in growing order.</summary>
    /// <remarks>Cost: one comparison for each pair; for metrics that are no proportions each is a bootstrap. See <see cref="KnownTies"/>.</remarks>
    public static IReadOnlyList<IReadOnlyList<int>> Among(IMetric metric, IReadOnlyList<SampleScores> networks, long seed)
    {
        ArgumentNullException.ThrowIfNull(networks);
        return Among(networks.Count, (a, b) => AreTied(metric, networks[a], networks[b], seed));
    }

    internal static IReadOnlyList<IReadOnlyList<int>> Among(int networks, Func<int, int, bool> areTied)
    {
        var tied = Enumerable.Range(0, networks).Select(_ => new List<int>()).ToList();
        for (int a = 0; a < networks; a++)
        {
            for (int b = a + 1; b < networks; b++)
            {
                if (!areTied(a, b)) continue;
                tied[a].Add(b);
                tied[b].Add(a);
            }
        }

        foreach (var list in tied) list.Sort();
        return tied;
    }
}

/// <summary>Ties among networks that are asked for again and again while their number grows: each pair is compared once.</summary>
/// <remarks>A bootstrap of 10,000 samples takes a sixth of a second, and a frontier of 20 has 190 pairs.</remarks>
/// <param name="metric">What made the scores.</param>
/// <param name="seed">Of the bootstrap.</param>
public sealed class KnownTies(IMetric metric, long seed)
{
    readonly Dictionary<(string, string), bool> _known = [];

    /// <summary>As <see cref="Ties.Among(IMetric, IReadOnlyList{SampleScores}, long)"/>; what was compared before, in the same order, is not compared again.</summary>
    /// <param name="networks">Names of the networks; the scores of a name never change.</param>
    /// <param name="scoresOf">Called for networks that must be compared.</param>
    public IReadOnlyList<IReadOnlyList<int>> Among(IReadOnlyList<string> networks, Func<string, SampleScores> scoresOf)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(scoresOf);
        var scores = new Dictionary<string, SampleScores>(StringComparer.Ordinal);
        SampleScores Scores(string name) => scores.TryGetValue(name, out var known) ? known : scores[name] = scoresOf(name);
        return Ties.Among(networks.Count, (a, b) =>
        {
            var pair = (networks[a], networks[b]);
            if (!_known.TryGetValue(pair, out bool areTied)) _known[pair] = areTied = Ties.AreTied(metric, Scores(pair.Item1), Scores(pair.Item2), seed);
            return areTied;
        });
    }
}
