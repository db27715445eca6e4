using System.Collections.Immutable;
using Kneepoint.Onnx;

namespace Kneepoint.Search.Models;

/// <summary>Finds the groups of layers that meet: where two of them are computed in unlike ways, what lies between them changes.</summary>
/// <remarks>
/// A layer meets the nearest layers before it, at most four, which are found through the operators between; those that it meets there meet each other, since what joins them must bring them into one form; and layers that
/// take the same value meet each other in turn, the first with the second and so on. Through the sums of a residual network every layer reaches every other: only the nearest count.
/// </remarks>
public static class LayerNeighbors
{
    const int MostBefore = 4;

    /// <summary>The pairs of groups that meet.</summary>
    /// <param name="table">The groups.</param>
    /// <param name="index">The index of the baseline's graph.</param>
    /// <param name="layers">The baseline's layers; those that the table does not know are passed through.</param>
    /// <returns>Places of groups, each pair once, the smaller first, sorted.</returns>
    public static ImmutableArray<(int First, int Second)> Of(ChoiceTable table, GraphIndex index, IEnumerable<WeightedLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(layers);
        var groupOf = table.Groups.SelectMany((group, place) => group.Layers.Select(layer => (layer, place))).ToDictionary(pair => pair.layer, pair => pair.place, StringComparer.Ordinal);
        var known = layers.Where(layer => groupOf.ContainsKey(layer.Id)).ToList();

        // By the values that layers give: their nodes may be those of a copy of the graph.
        var groupOfValue = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in known)
        {
            foreach (string output in layer.Node.Output) groupOfValue.TryAdd(output, groupOf[layer.Id]);
        }

        var pairs = new SortedSet<(int, int)>();
        foreach (var layer in known)
        {
            int[] meeting = [groupOf[layer.Id], .. Before(layer, index, groupOfValue)];
            foreach (int one in meeting)
            {
                foreach (int other in meeting.Where(other => one < other)) pairs.Add((one, other));
            }
        }

        foreach (var taking in known.GroupBy(layer => layer.ActivationInput, StringComparer.Ordinal).Select(group => group.Select(layer => groupOf[layer.Id]).ToList()))
        {
            for (int i = 1; i < taking.Count; i++)
            {
                if (taking[i - 1] != taking[i]) pairs.Add((Math.Min(taking[i - 1], taking[i]), Math.Max(taking[i - 1], taking[i])));
            }
        }

        return [.. pairs];
    }

    // Breadth first from what the layer is fed; layers are not passed through.
    static List<int> Before(WeightedLayer layer, GraphIndex index, Dictionary<string, int> groupOfValue)
    {
        var found = new List<int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<string>([layer.ActivationInput]);
        while (found.Count < MostBefore && waiting.TryDequeue(out string? value))
        {
            if (!seen.Add(value) || index.Producer(value) is not { } node) continue;
            if (groupOfValue.TryGetValue(value, out int group)) found.Add(group);
            else foreach (string input in GraphOrder.InputsOf(node)) waiting.Enqueue(input);
        }

        return found;
    }
}
