using Kneepoint.Onnx;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Tells from the graph what an output's numbers are.</summary>
public static class OutputKind
{
    static readonly HashSet<string> Passing = ["Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "QuantizeLinear",
        "DequantizeLinear"];

    /// <summary>Whether the output is made by a Softmax or Sigmoid, seen through operators that only move or convert numbers.</summary>
    /// <remarks>Decided once, on the baseline: a variant's output means the same. Logarithms of probabilities (LogSoftmax) need no such care:
    /// they are logits as well.</remarks>
    /// <param name="model">The network.</param>
    /// <param name="output">The name of one of its outputs.</param>
    public static bool IsProbability(OnnxModel model, string output)
    {
        ArgumentNullException.ThrowIfNull(model);
        var index = new GraphIndex(model);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (string value = output; seen.Add(value);)
        {
            if (index.Producer(value) is not { } node || !node.IsStandard()) return false;
            if (node.OpType is "Softmax" or "Sigmoid") return true;
            if (!Passing.Contains(node.OpType)) return false;
            value = node.InputOrEmpty(0);
        }

        return false;
    }
}
