using Kneepoint.Calibration;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>Lets the runtime compute what the nodes of a rewritten network multiply with and add: a network of constants alone.</summary>
sealed class WeightTaps(NetworkRewrite rewrite)
{
    // Longer than any name that compacting gives.
    const string MatrixStem = "weight_tap";

    readonly OrderedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Asks for the weight and the bias of a layer, or of all its parts.</summary>
    public void Add(WeightedLayer layer)
    {
        foreach (string part in rewrite.PartsOf(layer.Id))
        {
            if (rewrite.NodeOf(OwnerOf(part)) is not { } node) continue;
            if (WeightOf(node, layer) is { } weight) Take(WeightKey(part), weight);
            if (BiasOf(node, layer) is { Length: > 0 } bias && IsFixed(bias)) Take(BiasKey(part), bias);
        }
    }

    /// <summary>The name of the node that holds a layer's weight.</summary>
    public static string OwnerOf(string part) => part.EndsWith(WeightedLayer.RecurrenceSuffix, StringComparison.Ordinal) ? part[..^WeightedLayer.RecurrenceSuffix.Length] : part;

    /// <summary>Under which name the weight of a part is found.</summary>
    public static string WeightKey(string part) => $"weight {part}";

    /// <summary>Under which name the bias of a part is found.</summary>
    public static string BiasKey(string part) => $"bias {part}";

    /// <summary>Whether a node holds its weight as a matrix [K, N], whatever the layer's form in the baseline.</summary>
    public static bool IsProductKernel(NodeProto node) => node.OpType is "DynamicQuantizeMatMul" or "MatMulIntegerToFloat" or "MatMulNBits";

    /// <summary>Computes all of them.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the network.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(INetworkRuntime runtime)
    {
        if (_values.Count == 0) return new Dictionary<string, Tensor>();
        GraphOrder.Sort(rewrite.Graph);
        var taps = ExposedGraph.Of(rewrite.Model, _values.Values);
        taps.Graph.Input.Clear();
        taps.Graph.ValueInfo.Clear();
        using var session = runtime.Open(taps, new SessionSettings { Optimization = GraphOptimization.Basic });
        var found = session.Run(new Dictionary<string, Tensor>());
        return _values.ToDictionary(entry => entry.Key, entry => found[entry.Value], StringComparer.Ordinal);
    }

    // Always through a node, so that initializers can be given out as well; and always as binary32.
    void Take(string key, string value) =>
        _values.TryAdd(key, rewrite.Add(NodeBuilder.Node("Cast", [value], [rewrite.Fresh(MatrixStem)]).With("to", (long)ElementType.Float32)));

    string? WeightOf(NodeProto node, WeightedLayer layer)
    {
        switch (node.OpType)
        {
            case "DynamicQuantizeMatMul":
                return Scaled(node.Input[1], node.Input[2], node.InputOrEmpty(3));
            case "MatMulIntegerToFloat":
                return Scaled(node.Input[1], node.Input[3], node.InputOrEmpty(5));
            case "MatMulNBits":
                // What an identity becomes, in full precision.
                var product = node.Clone().With("accuracy_level", 0L);
                product.Name = product.Output[0] = rewrite.Fresh(MatrixStem);
                product.Input[0] = Identity(node.GetInt("K", 0));
                if (product.Input.Count > 5) product.Input[5] = "";
                return rewrite.Add(product);
            case "GatherBlockQuantized":
                var table = node.Clone();
                table.Name = table.Output[0] = rewrite.Fresh(MatrixStem);
                table.Input[1] = rewrite.AddInitializer(MatrixStem, Tensor.Of([layer.WeightDimensions[0]], [.. Enumerable.Range(0, (int)layer.WeightDimensions[0]).Select(i => (long)i)]));
                return rewrite.Add(table);
            default:
                string weight = node.InputOrEmpty(node.OpType == layer.OpType ? layer.WeightInput : 1);
                return weight.Length > 0 && IsFixed(weight) ? weight : null;
        }
    }

    static string BiasOf(NodeProto node, WeightedLayer layer) => layer.OpType is not ("Conv" or "Gemm") ? "" : node.OpType switch
    {
        "Conv" or "Gemm" => node.InputOrEmpty(2),
        "DynamicQuantizeMatMul" => node.InputOrEmpty(4),
        "MatMulNBits" => node.InputOrEmpty(5),
        "MatMulIntegerToFloat" => node.InputOrEmpty(6),
        _ => "",
    };

    // (codes − zero point) · scale, by columns: operators that every operator set has.
    string Scaled(string codes, string scales, string zeroPoints)
    {
        string numbers = Float(codes);
        if (zeroPoints.Length > 0) numbers = rewrite.Add(NodeBuilder.Node("Sub", [numbers, Float(zeroPoints)], [rewrite.Fresh(MatrixStem)]));
        return rewrite.Add(NodeBuilder.Node("Mul", [numbers, scales], [rewrite.Fresh(MatrixStem)]));
    }

    string Float(string value) => rewrite.Add(NodeBuilder.Node("Cast", [value], [rewrite.Fresh(MatrixStem)]).With("to", (long)ElementType.Float32));

    string Identity(long order) => rewrite.Once(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"identity {order}"), () =>
    {
        float[] ones = new float[order * order];
        for (long i = 0; i < order; i++) ones[i * order + i] = 1;
        return rewrite.AddInitializer(MatrixStem, Tensor.Of([order, order], ones));
    });

    bool IsFixed(string value)
    {
        var index = rewrite.Index;
        var open = new Stack<string>([value]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? name))
        {
            if (name.Length == 0 || !seen.Add(name)) continue;
            if (index.Initializer(name) is not null || index.TryConstant(name, out _)) continue;
            if (index.Producer(name) is not { } node) return false;
            foreach (string input in node.Input) open.Push(input);
        }

        return true;
    }
}
