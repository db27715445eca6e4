using System.Collections.Immutable;
using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

/// <summary>Choice tables made for tests.</summary>
static class Tables
{
    public static readonly LayerMethod Int8 = new("static-int8");
    public static readonly LayerMethod Mse = new("static-int8", ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("range", "mse"));
    public static readonly LayerMethod Int4 = new("weight-int4");

    /// <summary>Layers "l0", "l1", … with keep, two kinds of INT8 and INT4, of pseudo-random sizes and losses.</summary>
    public static ChoiceTable Of(int layers, int seed, int most = 1000, params string[][] shared)
    {
        var random = new Random(seed);
        var choices = new List<LayerChoice>();
        string[] names = [.. Enumerable.Range(0, layers).Select(i => $"l{i}")];
        foreach (string name in names)
        {
            int bytes = random.Next(8, most);
            choices.Add(new LayerChoice(name, LayerMethod.Keep, bytes, bytes, 0));
            choices.Add(new LayerChoice(name, Int8, bytes / 4 + 1, bytes / 3 + 1, random.NextDouble()));
            choices.Add(new LayerChoice(name, Mse, bytes / 4 + 1, bytes / 3 + 1, random.NextDouble()));
            if (random.Next(4) > 0) choices.Add(new LayerChoice(name, Int4, bytes / 8, bytes, random.NextDouble() * 3));
        }

        return ChoiceTable.Of(names, choices, shared);
    }

    public static readonly Gen<ChoiceTable> Small = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 1000]).Select((layers, seed) => Of(layers, seed));

    /// <summary>Every assignment there is.</summary>
    public static IEnumerable<int[]> All(ChoiceTable table)
    {
        int[] assignment = new int[table.Groups.Length];
        while (true)
        {
            yield return [.. assignment];
            int group = 0;
            while (group < assignment.Length && ++assignment[group] == table.Groups[group].Choices.Length) assignment[group++] = 0;
            if (group == assignment.Length) yield break;
        }
    }
}
