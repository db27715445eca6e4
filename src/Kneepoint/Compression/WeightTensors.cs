using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>Finds the tensors in a variant's file that hold the weight of a layer.</summary>
static class WeightTensors
{
    /// <summary>Names of initializers, in the order in which they are met: all that the weights of a layer and its parts are computed from, and nothing of what they are multiplied with.</summary>
    public static IReadOnlyList<string> Of(NetworkRewrite rewrite, WeightedLayer layer)
    {
        var names = new OrderedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (string part in rewrite.PartsOf(layer.Id))
        {
            if (rewrite.NodeOf(WeightTaps.OwnerOf(part)) is not { } node) continue;
            string[] weights = node.OpType switch
            {
                "DynamicQuantizeMatMul" => [node.InputOrEmpty(1), node.InputOrEmpty(2), node.InputOrEmpty(3)],
                "MatMulIntegerToFloat" => [node.InputOrEmpty(1), node.InputOrEmpty(3), node.InputOrEmpty(5)],
                "MatMulNBits" => [node.InputOrEmpty(1), node.InputOrEmpty(2), node.InputOrEmpty(3)],
                "GatherBlockQuantized" => [node.InputOrEmpty(0), node.InputOrEmpty(2), node.InputOrEmpty(3)],
                _ => [node.InputOrEmpty(node.OpType == layer.OpType ? layer.WeightInput : 1)],
            };
            foreach (string value in weights) Collect(rewrite.Index, value, names);
        }

        return [.. names.Keys];
    }

    static void Collect(GraphIndex index, string value, OrderedDictionary<string, bool> names)
    {
        var open = new Stack<string>([value]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? name))
        {
            if (name.Length == 0 || !seen.Add(name)) continue;
            if (index.Initializer(name) is not null) names.TryAdd(name, true);
            foreach (string input in index.Producer(name)?.Input ?? []) open.Push(input);
        }
    }
}
