using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>The layers of a network that compression methods treat, and by name what they do not.</summary>
public sealed class WeightedLayers
{
    // Below this, scales and slopes of other operators are not worth a word.
    const long LeastUntreatedCount = 256;

    readonly GraphIndex _index;
    readonly ImmutableArray<WeightedLayer>.Builder _layers = ImmutableArray.CreateBuilder<WeightedLayer>();
    readonly ImmutableArray<UntreatedPart>.Builder _untreated = ImmutableArray.CreateBuilder<UntreatedPart>();

    WeightedLayers(OnnxModel model)
    {
        _index = new GraphIndex(model);
        var functions = model.Proto.Functions.Select(function => (function.Domain, function.Name)).ToHashSet();
        foreach (var node in model.Graph.Node)
        {
            if (TryLayer(node, out var layer))
            {
                _layers.Add(layer);
            }
            else if (TryRecurrent(node, out var inputs, out var recurrence))
            {
                _layers.Add(inputs);
                _layers.Add(recurrence);
            }
            else if (WhyUntreated(node, functions) is { } reason)
            {
                string operatorName = node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
                _untreated.Add(new UntreatedPart(node.FirstOutput(), operatorName, OwnWeights(node), reason));
            }
        }

        Layers = _layers.ToImmutable();
        UntreatedParts = _untreated.ToImmutable();
    }

    /// <summary>The layers in the order of the nodes.</summary>
    public ImmutableArray<WeightedLayer> Layers { get; }

    /// <summary>Nodes with weights that are no such layer: recurrent operators, control flow, operators of other domains, functions.</summary>
    public ImmutableArray<UntreatedPart> UntreatedParts { get; }

    /// <summary>Finds the layers of the main graph.</summary>
    /// <remarks>
    /// A layer is a Conv, ConvTranspose, Gemm, MatMul or Gather with a fixed floating-point weight of two or more dimensions and an
    /// activation that is not fixed; of LSTM, GRU and RNN each of the two weights is one. A MatMul of two activations is none, nor is a weight that reaches its node through other
    /// operators than Identity. Cost: linear in the graph; no weights are read.
    /// </remarks>
    /// <exception cref="OnnxModelException">The graph is malformed, or a weight's shape does not fit its operator.</exception>
    public static WeightedLayers Find(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new WeightedLayers(model);
    }

    bool TryLayer(NodeProto node, [NotNullWhen(true)] out WeightedLayer? layer)
    {
        layer = null;
        if (!node.IsStandard() || node.FirstOutput().Length == 0) return false;
        switch (node.OpType)
        {
            case "Conv" or "ConvTranspose":
                return TryConvolution(node, out layer);
            case "Gemm":
                bool isTransposed = node.GetInt("transB", 0) != 0;
                return TryMake(node, 1, 0, 2, t => (isTransposed ? 0 : 1, t.Dims[isTransposed ? 1 : 0]), t => t.Dims.Count == 2, out layer);
            case "MatMul":
                return TryMake(node, 1, 0, null, t => (t.Dims.Count - 1, t.Dims[^2]), t => t.Dims.Count >= 2, out layer)
                    || TryMake(node, 0, 1, null, t => (t.Dims.Count - 2, t.Dims[^1]), t => t.Dims.Count >= 2, out layer);
            case "Gather" when node.GetInt("axis", 0) == 0:
                return TryMake(node, 0, 1, null, _ => (0, 0), t => t.Dims.Count >= 2, out layer);
            default:
                return false;
        }
    }

    bool TryConvolution(NodeProto node, [NotNullWhen(true)] out WeightedLayer? layer)
    {
        long group = node.GetInt("group", 1);
        if (!TryMake(node, 1, 0, 2, t => (0, 0), t => t.Dims.Count >= 3, out layer)) return false;
        var dims = layer.WeightDimensions;
        bool isTransposed = node.OpType == "ConvTranspose";
        long perGroup = isTransposed ? dims[0] / Math.Max(group, 1) : dims[1];
        if (group < 1 || dims[0] % group != 0)
        {
            throw new OnnxModelException($"{node.Place()}: expected a group of at least 1 that divides {dims[0]} channels, found {group}.");
        }

        Tensor.TryCount([perGroup, .. dims.Skip(2)], out long reduction);
        layer = layer with { Group = group, OutputAxis = isTransposed ? 1 : 0, ReductionLength = reduction };
        return true;
    }

    bool TryMake(NodeProto node, int weightInput, int activationInput, int? biasInput,
        Func<TensorProto, (int Axis, long Reduction)> read, Func<TensorProto, bool> fits, [NotNullWhen(true)] out WeightedLayer? layer)
    {
        layer = null;
        string activation = node.InputOrEmpty(activationInput);
        string name = Source(node.InputOrEmpty(weightInput));
        if (activation.Length == 0 || IsFixed(activation) || !_index.TryConstant(name, out var weight)) return false;
        if (!IsFloat(weight) || !fits(weight)) return false;
        var (axis, reduction) = read(weight);
        string bias = biasInput is { } place ? node.InputOrEmpty(place) : "";
        layer = new WeightedLayer(node.FirstOutput(), node, weightInput, name, weight, axis, reduction, 1, activation,
            bias.Length > 0 ? bias : null, SharedWith(name, node));
        return true;
    }

    // Two weights of one node: of what it is fed, and of its own state. Each is a layer.
    bool TryRecurrent(NodeProto node, [NotNullWhen(true)] out WeightedLayer? inputs, [NotNullWhen(true)] out WeightedLayer? recurrence)
    {
        inputs = recurrence = null;
        if (!node.IsStandard() || node.OpType is not ("LSTM" or "GRU" or "RNN")) return false;
        string id = node.Output.FirstOrDefault(output => output.Length > 0) ?? "";
        string other = id + WeightedLayer.RecurrenceSuffix;
        if (id.Length == 0 || _index.IsTaken(other)) return false;
        if (!TryMake(node, 1, 0, null, Read, t => t.Dims.Count == 3, out inputs) || !TryMake(node, 2, 0, null, Read, t => t.Dims.Count == 3, out recurrence)) return false;
        (inputs, recurrence) = (inputs with { Id = id }, recurrence with { Id = other });
        return true;

        static (int, long) Read(TensorProto weight) => (1, weight.Dims[2]);
    }

    string? WhyUntreated(NodeProto node, HashSet<(string, string)> functions)
    {
        if (functions.Contains((node.Domain, node.OpType))) return "is a function of the model";
        if (node.Subgraphs().Any()) return OwnWeights(node) > 0 ? "holds subgraphs" : null;
        long count = OwnWeights(node);
        if (!node.IsStandard()) return count > 0 ? $"belongs to the domain {node.Domain}" : null;
        if (node.OpType is "LSTM" or "GRU" or "RNN") return "is a recurrent operator whose weights are not fixed";
        if (node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" && ThroughOperator(node) is { } source) return $"has a weight that comes through {source}";
        return count >= LeastUntreatedCount && node.OpType is not ("Constant" or "Identity" or "DequantizeLinear" or "Transpose" or "Reshape" or "Cast")
            ? "is no layer with a weight of its own kind" : null;
    }

    // The operator between a fixed tensor and the weight input, if all its own inputs are fixed.
    string? ThroughOperator(NodeProto node)
    {
        foreach (string input in node.Input.Take(2))
        {
            if (_index.Producer(input) is { } producer && producer.OpType != "Constant" && IsFixed(input)) return producer.OpType;
        }

        return null;
    }

    bool IsFixed(string value)
    {
        for (int steps = 0; steps < 8; steps++)
        {
            if (_index.TryConstant(value, out _)) return true;
            if (_index.Producer(value) is not { } producer || !producer.IsStandard()) return false;
            if (producer.OpType is not ("Identity" or "Transpose" or "Reshape" or "Cast" or "DequantizeLinear" or "Unsqueeze" or "Squeeze")) return false;
            value = producer.InputOrEmpty(0);
        }

        return false;
    }

    string Source(string value)
    {
        // Bounded: a circle of Identity nodes is malformed, but must not hang.
        for (int steps = 0; steps < 64 && _index.Producer(value) is { } producer && producer.IsStandard("Identity"); steps++)
        {
            value = producer.InputOrEmpty(0);
        }

        return value;
    }

    ImmutableArray<string> SharedWith(string weight, NodeProto node)
    {
        var found = new List<string>();
        var waiting = new Stack<string>([weight]);
        var seen = new HashSet<string>(StringComparer.Ordinal) { weight };
        while (waiting.TryPop(out string? value))
        {
            foreach (var use in _index.Consumers(value))
            {
                if (use.Node.IsStandard("Identity") && use.Node == use.Owner)
                {
                    if (seen.Add(use.Node.FirstOutput())) waiting.Push(use.Node.FirstOutput());
                }
                else if (use.Node != node)
                {
                    found.Add(use.Owner.FirstOutput());
                }
            }
        }

        return [.. found.Distinct()];
    }

    // Counted as found, not by unique tensors: a part is named with all that it takes.
    long OwnWeights(NodeProto node)
    {
        var tensors = node.Input.Select(Source).Select(Constant).ToList();
        foreach (var graph in node.Subgraphs().SelectMany(ModelTensors.WithSubgraphs))
        {
            tensors.AddRange(graph.Initializer);
            tensors.AddRange(graph.Node.Where(inner => inner.IsStandard("Constant")).Select(inner => inner.Attribute("value")?.T));
            tensors.AddRange(graph.Node.SelectMany(inner => inner.Input).Distinct().Select(Constant));
        }

        return Saturating.Sum(tensors.OfType<TensorProto>().Where(IsFloat).Select(TensorData.Count));

        TensorProto? Constant(string value) => _index.TryConstant(value, out var tensor) ? tensor : null;
    }

    static bool IsFloat(TensorProto tensor) =>
        TensorData.TypeOf(tensor) is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;
}
