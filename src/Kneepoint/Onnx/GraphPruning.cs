using Google.Protobuf.Collections;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Leaves out what no output of a graph needs.</summary>
static class GraphPruning
{
    /// <summary>Removes nodes and initializers that no output needs; the inputs that must be fed stay.</summary>
    /// <param name="graph">With its nodes in order; changed.</param>
    public static void Prune(GraphProto graph)
    {
        var needed = new HashSet<string>(graph.Output.Select(output => output.Name), StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            var node = graph.Node[i];
            if (!node.Output.Any(needed.Contains)) continue;
            needed.UnionWith(GraphOrder.InputsOf(node));
            nodes.Add(node);
        }

        nodes.Reverse();
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        var dropped = graph.Initializer.Where(tensor => !needed.Contains(tensor.Name)).Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        Keep(graph.Initializer, tensor => !dropped.Contains(tensor.Name));

        // An initializer listed as an input as well would have to be fed once its tensor is gone.
        Keep(graph.Input, input => !dropped.Contains(input.Name));
    }

    static void Keep<T>(RepeatedField<T> items, Func<T, bool> isKept)
    {
        T[] kept = [.. items.Where(isKept)];
        items.Clear();
        items.AddRange(kept);
    }
}
