using System.Globalization;
using System.Text.RegularExpressions;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Measurement;

/// <summary>Finds the nodes of a network again in what the runtime made of it.</summary>
/// <remarks>A node that the runtime left or fused is known by its mark (<see cref="FusionReport.Mark"/>), else by a value that the network has too.</remarks>
sealed partial class ExecutedNodes
{
    // Where the processor has no 16-bit kernels, the runtime computes with 32 bits and names the wide values anew.
    const string WidePrefix = "InsertedPrecisionFreeCast_";

    /// <summary>Kernels that take quantized numbers and do the conversions themselves.</summary>
    public static readonly HashSet<string> Fused =
    [
        "QLinearConv", "QGemm", "QLinearMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "MatMulNBits", "DynamicQuantizeLSTM",
        "QAttention", "GatherBlockQuantized",
    ];

    static readonly HashSet<string> Computing =
    [
        .. Fused, "Conv", "FusedConv", "NhwcFusedConv", "ConvInteger", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul",
        "TransposeMatMul", "MatMulInteger", "LSTM", "GRU", "RNN", "Einsum",
    ];

    // What may stand between a layer's own operator and the value that names the layer.
    static readonly HashSet<string> Transparent =
    [
        "Add", "Sub", "Mul", "Div", "Cast", "QuantizeLinear", "DequantizeLinear", "Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Selu", "Sigmoid",
        "HardSigmoid", "HardSwish", "Tanh", "Gelu", "Erf", "Softplus", "Softsign", "BatchNormalization", "Reshape", "Transpose", "Squeeze",
        "Unsqueeze", "Flatten", "Identity",
    ];

    readonly GraphProto _marked;
    readonly GraphIndex _index;
    readonly Dictionary<NodeProto, NodeProto> _computers = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<NodeProto, NodeProto> _computed = new(ReferenceEqualityComparer.Instance);

    /// <summary>Compares a marked network with what the runtime made of it.</summary>
    /// <exception cref="OnnxModelException">A graph is malformed.</exception>
    public ExecutedNodes(OnnxModel marked, GraphProto executed)
    {
        _marked = marked.Graph;
        _index = new GraphIndex(marked);
        foreach (var node in executed.Node)
        {
            if (Computing.Contains(node.OpType) && OriginOf(node) is { } origin && ComputingNode(origin) is { } computing && _computers.TryAdd(computing, node)) _computed.Add(node, computing);
        }
    }

    /// <summary>The node that now computes the layer which gives a value; null where it is gone, or part of an operator of several layers.</summary>
    public NodeProto? ComputerOf(string value) =>
        _index.Producer(value) is { } producer && ComputingNode(producer) is { } computing ? _computers.GetValueOrDefault(computing) : null;

    /// <summary>The network's computing node that an executed one does the work of; null where it is no computing operator, or another one does that work.</summary>
    public NodeProto? ComputedBy(NodeProto executed) => _computed.GetValueOrDefault(executed);

    /// <summary>The network's node that an executed one was, or the last one of those that were fused; null where the runtime added it.</summary>
    public NodeProto? OriginOf(NodeProto executed)
    {
        if (MarkOf().Match(executed.Name) is { Success: true } match)
        {
            int place = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            return place < _marked.Node.Count ? _marked.Node[place] : null;
        }

        // Blocked layouts name a node after the value it makes.
        string value = LayoutSuffix().Replace(executed.Name, ""), output = executed.FirstOutput();
        return _index.Producer(value) ?? _index.Producer(Narrow(value)) ?? _index.Producer(output) ?? _index.Producer(Narrow(output));
    }

    /// <summary>The network's name of a value that the runtime computes with more bits than the network does; any other name as it is.</summary>
    public static string Narrow(string value) => value.StartsWith(WidePrefix, StringComparison.Ordinal) ? value[WidePrefix.Length..] : value;

    // The nearest computing node upstream, breadth first, through what may follow a layer.
    NodeProto? ComputingNode(NodeProto start)
    {
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance) { start };
        var waiting = new Queue<NodeProto>(seen);
        while (waiting.TryDequeue(out var node))
        {
            if (Computing.Contains(node.OpType)) return node;
            if (!Transparent.Contains(node.OpType)) continue;
            foreach (string input in node.Input)
            {
                if (_index.Producer(input) is { } producer && seen.Add(producer)) waiting.Enqueue(producer);
            }
        }

        return null;
    }

    [GeneratedRegex(@"^kneepoint\.(\d{1,9});")]
    private static partial Regex MarkOf();

    [GeneratedRegex(@"_nchwc(?:_token_\d+)?$")]
    private static partial Regex LayoutSuffix();
}
