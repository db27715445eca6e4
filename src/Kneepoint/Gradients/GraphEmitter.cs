using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients;

/// <summary>Writes the nodes of the backward pass and the constants that they need.</summary>
/// <remarks>Each method adds one operator and gives the name of its output. Equal constants and shapes are made once.</remarks>
sealed class GraphEmitter(GraphIndex index, StaticShapes shapes)
{
    readonly Dictionary<float, string> _scalars = [];
    readonly Dictionary<string, string> _lists = new(StringComparer.Ordinal);
    readonly Dictionary<(string, long, long), string> _shapes = [];
    int _count;

    /// <summary>The nodes, each after those whose outputs it takes.</summary>
    public List<NodeProto> Nodes { get; } = [];

    /// <summary>The constants.</summary>
    public List<TensorProto> Constants { get; } = [];

    /// <summary>A name that no value has.</summary>
    public string Fresh(string stem) => index.FreshName(stem);

    /// <summary>Adds a node with one output; attributes may be set on it.</summary>
    public NodeProto Node(string operation, params ReadOnlySpan<string> inputs) => Node(operation, inputs, 1);

    /// <summary>Adds a node with several outputs.</summary>
    public NodeProto Node(string operation, ReadOnlySpan<string> inputs, int outputs)
    {
        string[] names = new string[outputs];
        for (int i = 0; i < outputs; i++) names[i] = Fresh(string.Create(CultureInfo.InvariantCulture, $"backward{_count++}_{operation}"));
        var node = NodeBuilder.Node(operation, inputs, names);
        Nodes.Add(node);
        return node;
    }

    /// <summary>Adds a node without attributes.</summary>
    public string Op(string operation, params ReadOnlySpan<string> inputs) => Node(operation, inputs).FirstOutput();

    public string Add(string a, string b) => Op("Add", a, b);

    public string Sub(string a, string b) => Op("Sub", a, b);

    public string Mul(string a, string b) => Op("Mul", a, b);

    public string Div(string a, string b) => Op("Div", a, b);

    public string Neg(string a) => Op("Neg", a);

    public string Scale(string a, float factor) => factor == 1 ? a : Mul(a, Scalar(factor));

    public string Where(string condition, string yes, string no) => Op("Where", condition, yes, no);

    /// <summary>A condition as the numbers 0 and 1.</summary>
    public string Float(string value) => Node("Cast", value).With("to", (long)ElementType.Float32).FirstOutput();

    public string Reshape(string value, string shape) => Op("Reshape", value, shape);

    /// <summary>A shape in which 0 copies a dimension and −1 is whatever is left.</summary>
    public string Reshape(string value, params ReadOnlySpan<long> shape) => Op("Reshape", value, Ints(shape));

    public string ReshapeLike(string value, string other) => Op("Reshape", value, Shape(other));

    public string Transpose(string value, params ReadOnlySpan<long> order) => Node("Transpose", value).With("perm", order).FirstOutput();

    public string Sum(string value, ReadOnlySpan<long> axes, bool keep) => axes.IsEmpty ? value : Sum(value, Ints(axes), keep);

    /// <summary>A sum over axes that are a value; none mean the tensor as it is.</summary>
    public string Sum(string value, string axes, bool keep) =>
        Node("ReduceSum", value, axes).With("keepdims", keep ? 1L : 0L).With("noop_with_empty_axes", 1L).FirstOutput();

    /// <summary>The sum of all elements, a scalar.</summary>
    public string Total(string value) => Node("ReduceSum", value).With("keepdims", 0L).FirstOutput();

    /// <summary>The dimensions of a value from one axis to before another; the whole shape where neither is given.</summary>
    public string Shape(string value, long start = 0, long end = long.MaxValue)
    {
        if (Known(value, start, end) is { } sizes) return Ints(sizes);
        if (_shapes.TryGetValue((value, start, end), out string? known)) return known;
        var node = Node("Shape", value);
        if (start != 0) node.With("start", start);
        if (end != long.MaxValue) node.With("end", end);
        _shapes.Add((value, start, end), node.FirstOutput());
        return node.FirstOutput();
    }

    // The runtime's own inference is wrong for some pooling, so that what is known here is not left to it.
    long[]? Known(string value, long start, long end)
    {
        if (shapes.Of(value) is not { } dims) return null;
        long from = Math.Clamp(start < 0 ? start + dims.Length : start, 0, dims.Length), to = Math.Clamp(end < 0 ? end + dims.Length : end, from, dims.Length);
        long[] part = dims[(int)from..(int)to];
        return Array.TrueForAll(part, size => size >= 0) ? part : null;
    }

    public string Concat(long axis, params ReadOnlySpan<string> values) => Node("Concat", values).With("axis", axis).FirstOutput();

    /// <summary>A part along some axes.</summary>
    public string Slice(string value, ReadOnlySpan<long> starts, ReadOnlySpan<long> ends, ReadOnlySpan<long> axes) =>
        Op("Slice", value, Ints(starts), Ints(ends), Ints(axes));

    /// <summary>The order of elements turned round along some axes.</summary>
    public string Flip(string value, ReadOnlySpan<long> axes)
    {
        long[] minus = [.. Enumerable.Repeat(-1L, axes.Length)], least = [.. Enumerable.Repeat(long.MinValue + 1, axes.Length)];
        return Op("Slice", value, Ints(minus), Ints(least), Ints(axes), Ints(minus));
    }

    /// <summary>Zeros of the shape that a value holds.</summary>
    public string Zeros(string shape) => Filled(shape, 0);

    public string Filled(string shape, float number) => Node("ConstantOfShape", shape).With("value", TensorData.Write("", Tensor.Of([1], [number]))).FirstOutput();

    /// <summary>Integer ones of the shape that a value holds.</summary>
    public string Ones(string shape) => Node("ConstantOfShape", shape).With("value", TensorData.Write("", Tensor.Of([1], [1L]))).FirstOutput();

    public string Scalar(float value)
    {
        // A dictionary takes 0 and -0 for equal, and their difference never matters here.
        if (_scalars.TryGetValue(value, out string? known)) return known;
        string name = Fresh(string.Create(CultureInfo.InvariantCulture, $"backward_scalar{_scalars.Count}"));
        Constants.Add(TensorData.Write(name, Tensor.Of([], [value])));
        _scalars.Add(value, name);
        return name;
    }

    public string Ints(params ReadOnlySpan<long> values)
    {
        string key = string.Join(',', values.ToArray());
        if (_lists.TryGetValue(key, out string? known)) return known;
        string name = Fresh(string.Create(CultureInfo.InvariantCulture, $"backward_integers{_lists.Count}"));
        Constants.Add(TensorData.Write(name, Tensor.Of([values.Length], values)));
        _lists.Add(key, name);
        return name;
    }

    /// <summary>A small tensor of numbers.</summary>
    public string Floats(ReadOnlySpan<long> dims, ReadOnlySpan<float> values)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', dims.ToArray())}: {string.Join(',', values.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}");
        if (_lists.TryGetValue(key, out string? known)) return known;
        string name = Fresh(string.Create(CultureInfo.InvariantCulture, $"backward_constant{_lists.Count}"));
        Constants.Add(TensorData.Write(name, Tensor.Of(dims, values)));
        _lists.Add(key, name);
        return name;
    }

    /// <summary>An integer without a dimension.</summary>
    public string Integer(long value)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"scalar {value}");
        if (_lists.TryGetValue(key, out string? known)) return known;
        string name = Fresh(string.Create(CultureInfo.InvariantCulture, $"backward_integers{_lists.Count}"));
        Constants.Add(TensorData.Write(name, Tensor.Of([], [value])));
        _lists.Add(key, name);
        return name;
    }
}
