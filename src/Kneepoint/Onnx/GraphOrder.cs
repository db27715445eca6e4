using Google.Protobuf.Collections;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Puts nodes into an order in which every value is made before it is used, as the format demands.</summary>
public static class GraphOrder
{
    /// <summary>Sorts the nodes of a graph in place.</summary>
    /// <remarks>
    /// Computes the smallest topological order, nodes compared by their present place: a sorted graph stays as it is. Subgraphs are not touched.
    /// Cost: O(n log n + e) for n nodes and e edges.
    /// </remarks>
    /// <exception cref="OnnxModelException">The nodes form a circle.</exception>
    public static void Sort(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (IsSorted(graph)) return;
        var nodes = graph.Node.ToArray();
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (string output in nodes[i].Output) producer[output] = i;
        }

        int[] waiting = new int[nodes.Length];
        var followers = new List<int>[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (string value in InputsOf(nodes[i]).Distinct())
            {
                if (!producer.TryGetValue(value, out int source) || value.Length == 0) continue;
                (followers[source] ??= []).Add(i);
                waiting[i]++;
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            if (waiting[i] == 0) ready.Enqueue(i, i);
        }

        var sorted = new List<NodeProto>(nodes.Length);
        while (ready.TryDequeue(out int i, out _))
        {
            sorted.Add(nodes[i]);
            foreach (int follower in followers[i] ?? [])
            {
                if (--waiting[follower] == 0) ready.Enqueue(follower, follower);
            }
        }

        if (sorted.Count < nodes.Length)
        {
            var stuck = nodes[Array.FindIndex(waiting, count => count > 0)];
            throw new OnnxModelException($"{stuck.Place()}: its inputs depend on its own output; the graph must have no circles.");
        }

        Replace(graph.Node, sorted);
    }

    /// <summary>Whether every value is made before it is used; values that no node makes are not looked at.</summary>
    public static bool IsSorted(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var later = new HashSet<string>(graph.Node.SelectMany(node => node.Output).Where(output => output.Length > 0), StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            if (InputsOf(node).Any(later.Contains)) return false;
            later.ExceptWith(node.Output);
        }

        return true;
    }

    /// <summary>Every value of the surrounding graph that a node takes, through its subgraphs too; hidden names may be among them.</summary>
    internal static IEnumerable<string> InputsOf(NodeProto node)
    {
        foreach (string input in node.Input) yield return input;
        foreach (var subgraph in node.Subgraphs())
        {
            var inner = new HashSet<string>(subgraph.Node.SelectMany(n => n.Output), StringComparer.Ordinal);
            inner.UnionWith(subgraph.Input.Select(input => input.Name));
            inner.UnionWith(subgraph.Initializer.Select(initializer => initializer.Name));
            foreach (var nested in subgraph.Node)
            {
                foreach (string input in InputsOf(nested))
                {
                    if (!inner.Contains(input)) yield return input;
                }
            }

            foreach (var output in subgraph.Output)
            {
                if (!inner.Contains(output.Name)) yield return output.Name;
            }
        }
    }

    static void Replace(RepeatedField<NodeProto> nodes, List<NodeProto> sorted)
    {
        nodes.Clear();
        nodes.AddRange(sorted);
    }
}
