using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression;

/// <summary>Finds the height and width of the images inside a network, as far as they follow from fixed sizes of its inputs.</summary>
/// <remarks>Through convolutions, poolings and operators that work on each element; other operators end the way.</remarks>
static class SpatialSizes
{
    static readonly HashSet<string> KeepsSize = new(StringComparer.Ordinal)
    {
        "BatchNormalization", "Clip", "Dropout", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "PRelu", "Relu", "Sigmoid", "Softplus", "Tanh",
    };

    /// <summary>Sizes by value name; values whose size is not known are left out.</summary>
    /// <param name="graph">Sorted.</param>
    public static Dictionary<string, (long Height, long Width)> Of(GraphProto graph)
    {
        var sizes = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        var weights = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var input in graph.Input)
        {
            if (weights.ContainsKey(input.Name)) continue;
            if (input.Type?.TensorType?.Shape?.Dim is [_, _, { HasDimValue: true, DimValue: > 0 } height, { HasDimValue: true, DimValue: > 0 } width])
            {
                sizes.Add(input.Name, (height.DimValue, width.DimValue));
            }
        }

        foreach (var node in graph.Node)
        {
            if (node.IsStandard() && node.FirstOutput().Length > 0 && Output(node, sizes, weights) is { Item1: > 0, Item2: > 0 } size) sizes[node.FirstOutput()] = size;
        }

        return sizes;
    }

    static (long, long)? Output(NodeProto node, Dictionary<string, (long, long)> sizes, Dictionary<string, TensorProto> weights)
    {
        if (!sizes.TryGetValue(node.InputOrEmpty(0), out var size)) return null;
        if (KeepsSize.Contains(node.OpType)) return size;
        switch (node.OpType)
        {
            case "Add" or "Mul" or "Sub":
                return sizes.TryGetValue(node.InputOrEmpty(1), out var other) && other == size ? size : null;
            case "Concat" when node.GetInt("axis", 0) == 1:
                return size;
            case "MaxPool" or "AveragePool":
                return node.GetInts("kernel_shape") is [var height, var width] ? Window(node, size, height, width) : null;
            case "Conv":
                return weights.TryGetValue(node.InputOrEmpty(1), out var weight) && weight.Dims is [_, _, var rows, var columns]
                    ? Window(node, size, rows, columns) : null;
            default:
                return null;
        }
    }

    static (long, long)? Window(NodeProto node, (long Height, long Width) size, long rows, long columns)
    {
        if (node.GetString("auto_pad", "NOTSET") is not ("NOTSET" or "") || node.GetInt("ceil_mode", 0) != 0) return null;
        long[] pads = node.GetInts("pads") ?? [0, 0, 0, 0];
        long[] strides = node.GetInts("strides") ?? [1, 1];
        long[] dilations = node.GetInts("dilations") ?? [1, 1];
        if (pads.Length != 4 || strides is not [> 0, > 0] || dilations is not [> 0, > 0]) return null;
        return (Steps(size.Height + pads[0] + pads[2], rows, strides[0], dilations[0]), Steps(size.Width + pads[1] + pads[3], columns, strides[1], dilations[1]));
    }

    static long Steps(long length, long window, long stride, long dilation) => (length - dilation * (window - 1) - 1) / stride + 1;
}
