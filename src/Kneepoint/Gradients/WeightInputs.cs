using Google.Protobuf.Collections;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients;

/// <summary>Turns weights into inputs of their graph.</summary>
static class WeightInputs
{
    /// <summary>Removes the tensors and adds inputs of the same names, types and shapes, behind those that are there.</summary>
    public static void Move(OnnxModel model, IEnumerable<string> weights)
    {
        var graph = model.Graph;
        var index = new GraphIndex(model);
        foreach (string name in weights.Distinct(StringComparer.Ordinal))
        {
            var tensor = Take(graph, index, name);
            if (graph.Input.All(input => input.Name != name)) graph.Input.Add(NodeBuilder.Value(name, TensorData.TypeOf(tensor), [.. tensor.Dims]));
        }
    }

    static TensorProto Take(GraphProto graph, GraphIndex index, string name)
    {
        if (index.Initializer(name) is { } initializer)
        {
            Remove(graph.Initializer, initializer);
            return initializer;
        }

        index.TryConstant(name, out var constant);
        Remove(graph.Node, index.Producer(name)!);
        return constant!;
    }

    // By reference: comparing messages would read all their bytes.
    static void Remove<T>(RepeatedField<T> items, T item) where T : class
    {
        for (int i = items.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(items[i], item)) items.RemoveAt(i);
        }
    }
}
