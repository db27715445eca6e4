using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>One use of a value.</summary>
/// <param name="Node">The node that takes the value; it may lie in a subgraph.</param>
/// <param name="InputIndex">Which of the node's inputs; −1 where a subgraph gives the value out as its own result.</param>
/// <param name="Owner">The node of the indexed graph that holds the use: <paramref name="Node"/> itself or the one with the subgraph.</param>
public readonly record struct ValueUse(NodeProto Node, int InputIndex, NodeProto Owner);

/// <summary>Who makes and who uses each value of a graph.</summary>
/// <remarks>A picture of the graph at one moment: after changing edges, make a new one. Cost: time and memory linear in the graph.</remarks>
public sealed class GraphIndex
{
    static readonly IReadOnlyList<ValueUse> None = [];
    readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<ValueUse>> _uses = new(StringComparer.Ordinal);
    readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);
    readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly bool _canOverrideInitializers;

    /// <summary>Indexes the main graph of a model.</summary>
    /// <exception cref="OnnxModelException">Two nodes or initializers bear the same value name.</exception>
    public GraphIndex(OnnxModel model) : this((model ?? throw new ArgumentNullException(nameof(model))).Graph, model.Proto.IrVersion)
    {
    }

    /// <summary>Indexes a graph.</summary>
    /// <param name="graph">A main graph or a subgraph.</param>
    /// <param name="irVersion">The model's; since version 4 an initializer that is also listed as a graph input may be overridden.</param>
    /// <exception cref="OnnxModelException">Two nodes or initializers bear the same value name.</exception>
    public GraphIndex(GraphProto graph, long irVersion)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        _canOverrideInitializers = irVersion >= 4;
        foreach (var initializer in graph.Initializer)
        {
            if (!_initializers.TryAdd(initializer.Name, initializer))
            {
                throw new OnnxModelException($"Two initializers bear the name '{initializer.Name}'; each value has one source.");
            }
        }

        foreach (var input in graph.Input) _inputs.Add(input.Name);
        foreach (var output in graph.Output) _outputs.Add(output.Name);
        foreach (var node in graph.Node) AddNode(node);
        CollectNames(graph);
    }

    /// <summary>The graph.</summary>
    public GraphProto Graph { get; }

    /// <summary>The node that makes a value; null for graph inputs, initializers and unknown names.</summary>
    public NodeProto? Producer(string value) => _producers.GetValueOrDefault(value);

    /// <summary>All uses of a value in the order of the nodes, those inside subgraphs included; uses as a graph output are not among them.</summary>
    public IReadOnlyList<ValueUse> Consumers(string value) => _uses.TryGetValue(value, out var uses) ? uses : None;

    /// <summary>The initializer of that name; null if there is none.</summary>
    public TensorProto? Initializer(string name) => _initializers.GetValueOrDefault(name);

    /// <summary>Finds the fixed tensor behind a value: an initializer that no caller can override, or the value of a Constant node.</summary>
    public bool TryConstant(string value, [NotNullWhen(true)] out TensorProto? tensor) =>
        _constants.TryGetValue(value, out tensor) || (_initializers.TryGetValue(value, out tensor) && !IsOverridable(value));

    /// <summary>Whether a caller may feed another tensor in place of the initializer of that name.</summary>
    /// <remarks>Before IR version 4 every initializer had to be listed as a graph input; the runtime takes those as constants.</remarks>
    public bool IsOverridable(string name) => _canOverrideInitializers && _inputs.Contains(name) && _initializers.ContainsKey(name);

    /// <summary>Whether the value leaves the graph.</summary>
    public bool IsGraphOutput(string value) => _outputs.Contains(value);

    /// <summary>Whether the value must be fed: a graph input without an initializer.</summary>
    public bool IsGraphInput(string value) => _inputs.Contains(value) && !_initializers.ContainsKey(value);

    /// <summary>The graph inputs that must be fed, in order.</summary>
    public IEnumerable<ValueInfoProto> FedInputs => Graph.Input.Where(input => !_initializers.ContainsKey(input.Name));

    /// <summary>Whether any value or node, in this graph or a subgraph, bears the name.</summary>
    public bool IsTaken(string name) => _names.Contains(name);

    /// <summary>Gives the stem if it is free, else the stem with the first free number; the name is then taken.</summary>
    public string FreshName(string stem)
    {
        string name = stem;
        for (int i = 1; !_names.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{i}");
        return name;
    }

    void AddNode(NodeProto node)
    {
        foreach (string output in node.Output)
        {
            if (output.Length == 0) continue;
            if (!_producers.TryAdd(output, node) || _initializers.ContainsKey(output))
            {
                throw new OnnxModelException($"{node.Place()}: its output '{output}' has another source already; each value has one.");
            }
        }

        if (node.IsStandard("Constant") && node.FirstOutput().Length > 0 && ConstantOf(node) is { } constant)
        {
            _constants.TryAdd(node.Output[0], constant);
        }

        for (int i = 0; i < node.Input.Count; i++) AddUse(node.Input[i], new ValueUse(node, i, node));
        foreach (var subgraph in node.Subgraphs()) AddOuterUses(subgraph, node, null);
    }

    void AddUse(string value, ValueUse use)
    {
        if (value.Length == 0) return;
        if (!_uses.TryGetValue(value, out var uses)) _uses.Add(value, uses = []);
        uses.Add(use);
    }

    // A name that a subgraph defines itself hides the outer value of the same name.
    void AddOuterUses(GraphProto subgraph, NodeProto owner, Scope? outside)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in subgraph.Input) names.Add(input.Name);
        foreach (var initializer in subgraph.Initializer) names.Add(initializer.Name);
        foreach (var node in subgraph.Node) names.UnionWith(node.Output);
        var scope = new Scope(names, outside);
        foreach (var node in subgraph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (!scope.Hides(node.Input[i])) AddUse(node.Input[i], new ValueUse(node, i, owner));
            }

            foreach (var inner in node.Subgraphs()) AddOuterUses(inner, owner, scope);
        }

        foreach (var output in subgraph.Output)
        {
            if (!scope.Hides(output.Name)) AddUse(output.Name, new ValueUse(owner, -1, owner));
        }
    }

    // The names of a subgraph and of those around it. Not copied: many subgraphs may lie in one with many names.
    sealed record Scope(HashSet<string> Names, Scope? Outside)
    {
        public bool Hides(string name)
        {
            for (var scope = this; scope is not null; scope = scope.Outside)
            {
                if (scope.Names.Contains(name)) return true;
            }

            return false;
        }
    }

    void CollectNames(GraphProto graph)
    {
        foreach (var input in graph.Input) _names.Add(input.Name);
        foreach (var output in graph.Output) _names.Add(output.Name);
        foreach (var initializer in graph.Initializer) _names.Add(initializer.Name);
        foreach (var sparse in graph.SparseInitializer) _names.Add(sparse.Values?.Name ?? "");
        foreach (var node in graph.Node)
        {
            _names.Add(node.Name);
            _names.UnionWith(node.Input);
            _names.UnionWith(node.Output);
            foreach (var subgraph in node.Subgraphs()) CollectNames(subgraph);
        }
    }

    static TensorProto? ConstantOf(NodeProto node)
    {
        if (node.TryGetTensor("value", out var tensor)) return tensor;
        if (node.Attribute("value_float") is not null) return TensorData.Write("", Tensor.Of([], [node.GetFloat("value_float", 0)]));
        if (node.Attribute("value_int") is not null) return TensorData.Write("", Tensor.Of([], [node.GetInt("value_int", 0)]));
        if (node.GetFloats("value_floats") is { } floats) return TensorData.Write("", Tensor.Of([floats.Length], floats));
        return node.GetInts("value_ints") is { } ints ? TensorData.Write("", Tensor.Of([ints.Length], ints)) : null;
    }
}
