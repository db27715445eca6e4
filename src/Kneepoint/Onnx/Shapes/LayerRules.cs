using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Convolutions, pooling, products and recurrent layers, in float and in integers.</summary>
static class LayerRules
{
    public static void AddTo(Dictionary<string, Action<NodeShapes>> rules)
    {
        foreach (string name in new[] { "Conv", "FusedConv" }) rules.Add(name, node => Convolution(node, 1, node.Type(0)));
        rules.Add("ConvInteger", node => Convolution(node, 1, ElementType.Int32));
        rules.Add("QLinearConv", node => Convolution(node, 3, node.Type(7)));
        rules.Add("ConvTranspose", Transposed);
        foreach (string name in new[] { "MaxPool", "AveragePool", "LpPool" }) rules.Add(name, Pool);
        foreach (string name in new[] { "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "QLinearGlobalAveragePool" }) rules.Add(name, GlobalPool);
        rules.Add("Gemm", Gemm);
        rules.Add("MatMul", node => Product(node, node.Dims(0, 1), node.Dims(1, 1), node.Type(0)));
        rules.Add("FusedMatMul", FusedProduct);
        rules.Add("MatMulInteger", node => Product(node, node.Dims(0, 1), node.Dims(1, 1), ElementType.Int32));
        rules.Add("QLinearMatMul", node => Product(node, node.Dims(0, 1), node.Dims(3, 1), node.Type(7)));
        rules.Add("MatMulIntegerToFloat", node => Product(node, node.Dims(0, 1), node.Dims(1, 1), node.Type(2)));
        rules.Add("DynamicQuantizeMatMul", node => Product(node, node.Dims(0, 1), node.Dims(1, 1), node.Type(0)));
        rules.Add("MatMulNBits", Blockwise);
        rules.Add("LSTM", node => Recurrent(node, 4));
        rules.Add("DynamicQuantizeLSTM", node => Recurrent(node, 4));
        rules.Add("GRU", node => Recurrent(node, 3));
        rules.Add("RNN", node => Recurrent(node, 1));
        rules.Add("Einsum", Einsum);
    }

    /// <summary>The letters of an Einsum equation for each input and for the output; null for equations with an ellipsis or without a plain form.</summary>
    public static (string[] Inputs, string Output)? ParseEinsum(string equation)
    {
        string text = equation.Replace(" ", "", StringComparison.Ordinal);
        if (text.Contains('.', StringComparison.Ordinal)) return null;
        string[] sides = text.Split("->");
        string[] inputs = sides[0].Split(',');
        if (inputs.Any(input => !input.All(char.IsAsciiLetter))) return null;
        string output = sides.Length == 2
            ? sides[1]
            : string.Concat(sides[0].Where(char.IsAsciiLetter).GroupBy(letter => letter).Where(group => group.Count() == 1).Select(group => group.Key).Order());
        return (inputs, output);
    }

    static void Convolution(NodeShapes node, int weightInput, ElementType type)
    {
        long[] x = node.Dims(0, 3), w = node.Dims(weightInput, 3);
        if (w.Length != x.Length) throw node.Stop($"expected a weight with {x.Length} dimensions, found {w.Length}");
        if (node.Node.GetInt("channels_last", 0) != 0) throw node.Stop("has its channels last, which has no rule");
        long group = node.Node.GetInt("group", 1);
        if ((Int128)w[1] * group != x[1]) throw node.Stop($"expected {(Int128)w[1] * group} channels, found {x[1]}");
        var window = Window.Of(node, x.Length - 2, w.AsSpan(2));
        long[] dims = [x[0], w[0], .. window.Kernel.Select((_, i) => window.Size(node, x[i + 2], i))];
        node.Out(0, type, dims);
    }

    static void Transposed(NodeShapes node)
    {
        long[] x = node.Dims(0, 3), w = node.Dims(1, 3);
        if (w.Length != x.Length) throw node.Stop($"expected a weight with {x.Length} dimensions, found {w.Length}");
        var window = Window.Of(node, x.Length - 2, w.AsSpan(2));
        long[]? stated = node.Node.GetInts("output_shape");
        long[] more = node.Node.GetInts("output_padding") ?? new long[x.Length - 2];
        long group = node.Node.GetInt("group", 1);
        long[] dims = new long[x.Length];
        (dims[0], dims[1]) = (x[0], checked(w[1] * group));
        for (int i = 0; i < x.Length - 2; i++)
        {
            dims[i + 2] = stated is not null ? stated[^(x.Length - 2 - i)]
                : window.IsSame ? x[i + 2] * window.Strides[i]
                : window.Strides[i] * (x[i + 2] - 1) + more.ElementAtOrDefault(i) + window.Extent(i) - window.Before[i] - window.After[i];
        }

        node.Out(0, node.Type(0), dims);
    }

    static void Pool(NodeShapes node)
    {
        long[] x = node.Dims(0, 3);
        long[] kernel = node.Node.GetInts("kernel_shape") ?? throw node.Stop("expected the attribute 'kernel_shape'");
        if (kernel.Length != x.Length - 2) throw node.Stop($"expected a kernel of {x.Length - 2} dimensions, found {kernel.Length}");
        var window = Window.Of(node, x.Length - 2, kernel);
        long[] dims = [x[0], x[1], .. kernel.Select((_, i) => window.Size(node, x[i + 2], i))];
        node.Out(0, node.Type(0), dims);
        node.Out(1, ElementType.Int64, dims);
    }

    static void GlobalPool(NodeShapes node) => node.Out(0, node.Type(0), [.. node.Dims(0, 2).Select((size, i) => i < 2 ? size : 1)]);

    static void Gemm(NodeShapes node)
    {
        long[] a = node.Dims(0, 2), b = node.Dims(1, 2);
        if (a.Length != 2 || b.Length != 2) throw node.Stop($"expected two matrices, found {a.Length} and {b.Length} dimensions");
        if (node.Node.GetInt("transA", 0) != 0) Array.Reverse(a);
        if (node.Node.GetInt("transB", 0) != 0) Array.Reverse(b);
        if (a[1] != b[0]) throw node.Stop($"expected equal inner dimensions, found {a[1]} and {b[0]}");
        node.Out(0, node.Type(0), [a[0], b[1]]);
    }

    static void FusedProduct(NodeShapes node)
    {
        long[] a = node.Dims(0, 2), b = node.Dims(1, 2);
        if (node.Node.GetInt("transBatchA", 0) != 0 || node.Node.GetInt("transBatchB", 0) != 0) throw node.Stop("transposes batches, which has no rule");
        if (node.Node.GetInt("transA", 0) != 0) (a[^1], a[^2]) = (a[^2], a[^1]);
        if (node.Node.GetInt("transB", 0) != 0) (b[^1], b[^2]) = (b[^2], b[^1]);
        Product(node, a, b, node.Type(0));
    }

    static void Product(NodeShapes node, long[] a, long[] b, ElementType type)
    {
        bool isRow = a.Length == 1, isColumn = b.Length == 1;
        if (isRow) a = [1, a[0]];
        if (isColumn) b = [b[0], 1];
        if (a[^1] != b[^2]) throw node.Stop($"expected equal inner dimensions, found {a[^1]} and {b[^2]}");
        long[] batch = Broadcast.Of(a[..^2], b[..^2]) ?? throw node.Stop("expected batches that broadcast together");
        List<long> dims = [.. batch];
        if (!isRow) dims.Add(a[^2]);
        if (!isColumn) dims.Add(b[^1]);
        node.Out(0, type, [.. dims]);
    }

    static void Blockwise(NodeShapes node) => node.Out(0, node.Type(0), [.. node.Dims(0, 1)[..^1], node.Node.GetInt("N", 0)]);

    static void Recurrent(NodeShapes node, int gates)
    {
        long[] x = node.Dims(0, 3), w = node.Dims(1, 3);
        bool isBatchFirst = node.Node.GetInt("layout", 0) != 0;
        long directions = node.Node.GetString("direction", "forward") == "bidirectional" ? 2 : 1;
        // The runtime's quantized form stores the transposed weight.
        long fromWeight = node.Node.OpType == "DynamicQuantizeLSTM" ? w[2] / gates : w[1] / gates;
        long hidden = node.Node.GetInt("hidden_size", fromWeight);
        if (hidden < 1) throw node.Stop($"expected a hidden size of at least 1, found {hidden}");
        var (length, batch) = isBatchFirst ? (x[1], x[0]) : (x[0], x[1]);
        long[] last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
        node.Out(0, node.Type(0), isBatchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden]);
        node.Out(1, node.Type(0), last);
        node.Out(2, node.Type(0), last);
    }

    static void Einsum(NodeShapes node)
    {
        if (ParseEinsum(node.Node.GetString("equation", "")) is not ({ } inputs, { } output)) throw node.Stop("has an equation that has no rule");
        var sizes = new Dictionary<char, long>();
        for (int i = 0; i < node.InputCount && i < inputs.Length; i++)
        {
            long[] dims = node.Dims(i);
            if (dims.Length != inputs[i].Length) throw node.Stop($"expected {inputs[i].Length} dimensions of input {i}, found {dims.Length}");
            for (int axis = 0; axis < dims.Length; axis++) sizes[inputs[i][axis]] = Math.Max(dims[axis], sizes.GetValueOrDefault(inputs[i][axis]));
        }

        if (output.Any(letter => !sizes.ContainsKey(letter))) throw node.Stop("has an equation whose output no input explains");
        node.Out(0, node.Type(0), [.. output.Select(letter => sizes[letter])]);
    }
}

/// <summary>The window of a convolution or pooling: its kernel, and how it moves.</summary>
sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After, string AutomaticPadding, bool IsCeiling)
{
    public bool IsSame => AutomaticPadding.StartsWith("SAME", StringComparison.Ordinal);

    /// <summary>Reads the attributes that all windows share.</summary>
    public static Window Of(NodeShapes node, int rank, ReadOnlySpan<long> kernel)
    {
        long[] pads = node.Node.GetInts("pads") ?? new long[2 * rank];
        long[] strides = node.Node.GetInts("strides") ?? [.. Enumerable.Repeat(1L, rank)];
        long[] dilations = node.Node.GetInts("dilations") ?? [.. Enumerable.Repeat(1L, rank)];
        if (pads.Length != 2 * rank || strides.Length != rank || dilations.Length != rank || strides.Any(s => s < 1) || dilations.Any(d => d < 1))
        {
            throw node.Stop($"expected strides, dilations and pads of {rank} dimensions, found [{string.Join(", ", strides)}], [{string.Join(", ", dilations)}] and [{string.Join(", ", pads)}]");
        }

        return new Window([.. kernel], strides, dilations, pads[..rank], pads[rank..], node.Node.GetString("auto_pad", "NOTSET"),
            node.Node.GetInt("ceil_mode", 0) != 0);
    }

    /// <summary>What the window covers along an axis.</summary>
    public long Extent(int axis) => checked((Kernel[axis] - 1) * Dilations[axis] + 1);

    /// <summary>How many places the window takes along an axis.</summary>
    public long Size(NodeShapes node, long size, int axis)
    {
        long stride = Strides[axis];
        if (IsSame) return (size + stride - 1) / stride;
        bool isValid = AutomaticPadding == "VALID";
        long before = isValid ? 0 : Before[axis], after = isValid ? 0 : After[axis];
        long room = checked(size + before + after - Extent(axis));
        if (room < 0) throw node.Stop($"expected at least {Extent(axis)} elements with padding along axis {axis + 2}, found {size + before + after}");
        long places = (IsCeiling ? (room + stride - 1) / stride : room / stride) + 1;

        // A window that would start in the padding behind the data is left out.
        return IsCeiling && (places - 1) * stride >= size + before ? places - 1 : places;
    }
}
