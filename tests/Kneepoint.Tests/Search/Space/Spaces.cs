using System.Collections.Immutable;
using Kneepoint.Search;
using Kneepoint.Search.Space;

namespace Kneepoint.Tests.Search.Space;

/// <summary>Search spaces made for tests.</summary>
static class Spaces
{
    public static readonly Step Prune = new("prune-channels", [Step.WholeNetwork], ImmutableSortedDictionary<string, string>.Empty);

    static readonly LayerMethod Rounded = new("weight-int3", ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("rounding", "data"));

    /// <summary>Layers with keep, INT8, INT4 and 3 bits rounded by data; the network as it is or pruned.</summary>
    public static SearchSpace Of(int layers, int seed)
    {
        var random = new Random(seed);
        string[] names = [.. Enumerable.Range(0, layers).Select(i => $"l{i}")];
        var choices = new List<LayerChoice>();
        foreach (string name in names)
        {
            int bytes = random.Next(100, 2000);
            double loss = Math.Exp(2 * random.NextDouble());
            choices.Add(new LayerChoice(name, LayerMethod.Keep, 4 * bytes, bytes, 0));
            choices.Add(new LayerChoice(name, Tables.Int8, bytes, bytes, 0.0003 * loss));
            choices.Add(new LayerChoice(name, Tables.Int4, bytes / 2, bytes, 0.02 * loss));
            choices.Add(new LayerChoice(name, Rounded, bytes * 3 / 8, bytes, 0.08 * loss));
        }

        var table = ChoiceTable.Of(names, choices);
        return new SearchSpace(table, [NetworkForm.AsIs(layers), new NetworkForm([Prune], 0.01, [.. Enumerable.Repeat(0.8, layers)])], [Rounded.Name]);
    }
}
