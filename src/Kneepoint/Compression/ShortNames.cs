using Google.Protobuf.Collections;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression;

/// <summary>Gives values new names through a graph and all its subgraphs.</summary>
static class ShortNames
{
    const string First = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const string Later = First + "0123456789";

    /// <summary>Renames every inner value; the names of the main graph's inputs and outputs stay.</summary>
    /// <remarks>The most used values get the shortest names; of equal use, the first in the file.</remarks>
    /// <returns>The new names of the main graph's values by the old ones.</returns>
    public static IReadOnlyDictionary<string, string> Apply(GraphProto graph)
    {
        var fixedNames = graph.Input.Concat(graph.Output).Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        var counts = new Dictionary<string, (int Uses, int Place)>(StringComparer.Ordinal);
        Count(graph, counts);
        foreach (string name in fixedNames) counts.Remove(name);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        int next = 0;
        foreach (var (old, _) in counts.OrderByDescending(count => count.Value.Uses).ThenBy(count => count.Value.Place))
        {
            string name;
            do name = Name(next++);
            while (fixedNames.Contains(name));
            names.Add(old, name);
        }

        Rename(graph, names, isMain: true);
        return names;
    }

    /// <summary>Lets every use of some values take others in their place; where values are made is not touched.</summary>
    public static void ReplaceUses(GraphProto graph, IReadOnlyDictionary<string, string> names)
    {
        if (names.Count == 0) return;
        foreach (var node in graph.Node)
        {
            Replace(node.Input, names);
            foreach (var subgraph in node.Subgraphs()) ReplaceUses(subgraph, Visible(names, subgraph));
        }

        foreach (var output in graph.Output)
        {
            if (names.TryGetValue(output.Name, out string? name)) output.Name = name;
        }
    }

    // A name that a subgraph defines itself hides the outer value.
    static Dictionary<string, string> Visible(IReadOnlyDictionary<string, string> names, GraphProto subgraph)
    {
        var visible = new Dictionary<string, string>(names, StringComparer.Ordinal);
        foreach (var input in subgraph.Input) visible.Remove(input.Name);
        foreach (var initializer in subgraph.Initializer) visible.Remove(initializer.Name);
        foreach (var node in subgraph.Node)
        {
            foreach (string output in node.Output) visible.Remove(output);
        }

        return visible;
    }

    // One name means one thing in the whole file afterwards if it did before: inner and outer values of the same name are renamed alike.
    static void Count(GraphProto graph, Dictionary<string, (int Uses, int Place)> counts)
    {
        void Use(string name)
        {
            if (name.Length == 0) return;
            var (uses, place) = counts.GetValueOrDefault(name, (0, counts.Count));
            counts[name] = (uses + 1, place);
        }

        foreach (var input in graph.Input) Use(input.Name);
        foreach (var node in graph.Node)
        {
            foreach (string input in node.Input) Use(input);
            foreach (string output in node.Output) Use(output);
            foreach (var subgraph in node.Subgraphs()) Count(subgraph, counts);
        }

        foreach (var initializer in graph.Initializer) Use(initializer.Name);
        foreach (var sparse in graph.SparseInitializer) Use(sparse.Values?.Name ?? "");
        foreach (var output in graph.Output) Use(output.Name);
    }

    static void Rename(GraphProto graph, Dictionary<string, string> names, bool isMain)
    {
        foreach (var node in graph.Node)
        {
            Replace(node.Input, names);
            Replace(node.Output, names);
            foreach (var subgraph in node.Subgraphs()) Rename(subgraph, names, isMain: false);
        }

        foreach (var initializer in graph.Initializer) initializer.Name = names.GetValueOrDefault(initializer.Name, initializer.Name);
        foreach (var sparse in graph.SparseInitializer)
        {
            if (sparse.Values is not null) sparse.Values.Name = names.GetValueOrDefault(sparse.Values.Name, sparse.Values.Name);
        }

        if (isMain) return;
        foreach (var value in graph.Input.Concat(graph.Output)) value.Name = names.GetValueOrDefault(value.Name, value.Name);
    }

    static void Replace(RepeatedField<string> values, IReadOnlyDictionary<string, string> names)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (names.TryGetValue(values[i], out string? name)) values[i] = name;
        }
    }

    static string Name(int number)
    {
        string name = First[number % First.Length].ToString();
        for (number /= First.Length; number > 0; number /= Later.Length)
        {
            number--;
            name += Later[number % Later.Length];
        }

        return name;
    }
}
