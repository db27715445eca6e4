using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Two networks in one: an original and what has become of it so far, and for inputs of layers the values (x̂, x − x̂) as channels of one.</summary>
/// <remarks>Both are fed the same, so the runtime computes once what they have in common. Nodes of the original get other names; initializers are shared, since rounding adds new ones and changes none.</remarks>
sealed class PairedGraph
{
    const int ConcatCountsFromTheEnd = 11;

    readonly GraphIndex _names;
    readonly Dictionary<string, string> _original = new(StringComparer.Ordinal);

    /// <summary>Puts both together.</summary>
    /// <param name="original">The network that gives x.</param>
    /// <param name="now">The network that gives x̂: the same nodes, some with other inputs, and added ones.</param>
    public PairedGraph(OnnxModel original, OnnxModel now)
    {
        Model = now.Clone();
        _names = new GraphIndex(Model);
        foreach (var node in original.Graph.Node)
        {
            foreach (string output in node.Output.Where(output => output.Length > 0)) _original.Add(output, _names.FreshName(output + "_original"));
        }

        foreach (var node in original.Graph.Node)
        {
            var copy = node.Clone();
            Rename(copy, _original);
            if (copy.Name.Length > 0) copy.Name = _names.FreshName(copy.Name);
            Model.Graph.Node.Add(copy);
        }
    }

    /// <summary>Both networks.</summary>
    public OnnxModel Model { get; }

    /// <summary>Adds the pair of a layer's inputs.</summary>
    /// <param name="form">The form of x̂.</param>
    /// <param name="rank">Dimensions of x̂; null where they are not known.</param>
    /// <returns>The form of the pair, with twice the columns; null where it cannot be made.</returns>
    public InputForm? Add(InputForm form, int? rank)
    {
        if (!_original.TryGetValue(form.Value, out string? original) || form.SlicedColumns is not null) return null;
        if (form.Kind is InputKind.Channels || 2L * form.Columns > InputForm.MostColumns || AxisOf(form, rank) is not { } axis) return null;
        string Node(string opType, params string[] inputs)
        {
            string output = _names.FreshName(form.Value + "_pair");
            Model.Graph.Node.Add(NodeBuilder.Node(opType, inputs, [output]));
            return output;
        }

        string now = Float(form.Value), difference = Node("Sub", Float(original), now);
        string pair = form.Groups == 1 ? Concat(now, difference, axis) : GroupByGroup(now, difference);
        return form with { Value = pair, Columns = 2 * form.Columns };

        string Concat(string left, string right, int along)
        {
            string joined = Node("Concat", left, right);
            Model.Graph.Node[^1].With("axis", (long)along);
            return joined;
        }

        string Float(string value)
        {
            string cast = Node("Cast", value);
            Model.Graph.Node[^1].With("to", (long)ElementType.Float32);
            return cast;
        }

        // The channels of each group, then their differences.
        string GroupByGroup(string left, string right)
        {
            string grouped = Integers(0, form.Groups, -1);
            string joined = Concat(Node("Reshape", left, grouped), Node("Reshape", right, grouped), 2);
            long[] twice = new long[rank!.Value];
            Array.Fill(twice, 1);
            twice[1] = 2;
            return Node("Reshape", joined, Node("Mul", Node("Shape", left), Integers(twice)));
        }

        string Integers(params long[] numbers)
        {
            string name = _names.FreshName("pair_shape");
            Model.Graph.Initializer.Add(TensorData.Write(name, Tensor.Of([numbers.Length], numbers)));
            return name;
        }
    }

    int? AxisOf(InputForm form, int? rank) => form.Kind switch
    {
        InputKind.Window => rank is null ? null : 1,
        _ when form.Groups > 1 => null,
        InputKind.LastAxis => rank - 1 ?? FromTheEnd(-1),
        InputKind.LastButOneAxis => rank - 2 ?? FromTheEnd(-2),
        _ => null,
    };

    int? FromTheEnd(int axis) => Opsets.Version(Model.Proto) >= ConcatCountsFromTheEnd ? axis : null;

    static void Rename(NodeProto node, Dictionary<string, string> names)
    {
        for (int i = 0; i < node.Output.Count; i++) node.Output[i] = names.GetValueOrDefault(node.Output[i], node.Output[i]);
        RenameInputs(node, names, new HashSet<string>(StringComparer.Ordinal));
    }

    // A name that a subgraph defines itself hides the outer one.
    static void RenameInputs(NodeProto node, Dictionary<string, string> names, HashSet<string> hidden)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (!hidden.Contains(node.Input[i]) && names.TryGetValue(node.Input[i], out string? name)) node.Input[i] = name;
        }

        foreach (var subgraph in node.Subgraphs())
        {
            var inner = new HashSet<string>(hidden, StringComparer.Ordinal);
            inner.UnionWith(subgraph.Input.Select(input => input.Name));
            inner.UnionWith(subgraph.Initializer.Select(initializer => initializer.Name));
            inner.UnionWith(subgraph.Node.SelectMany(nested => nested.Output));
            foreach (var nested in subgraph.Node) RenameInputs(nested, names, inner);
            foreach (var output in subgraph.Output)
            {
                if (!inner.Contains(output.Name) && names.TryGetValue(output.Name, out string? name)) output.Name = name;
            }
        }
    }
}
