using System.Collections.Immutable;
using Kneepoint.Calibration;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression.Quantization;

/// <summary>What an operator does in the integer part of a network.</summary>
enum IntegerRole
{
    /// <summary>A layer with integer weights.</summary>
    Layer,

    /// <summary>An operator between layers that the runtime has an integer kernel for.</summary>
    Arithmetic,

    /// <summary>An operator that moves or selects codes and does not change them: it runs on the codes themselves.</summary>
    Codes,
}

/// <summary>An operator of the integer part, with the ReLU or clip behind it that its kernel does as well.</summary>
/// <param name="Node">The operator.</param>
/// <param name="Role">What it does there.</param>
/// <param name="Layer">The layer and its options; null for other roles.</param>
/// <param name="Activation">The ReLU or Clip behind the operator, if nothing else uses what is between; null if there is none.</param>
/// <param name="Low">The lowest number that can come out; −∞ if there is no clip.</param>
/// <param name="High">The highest number that can come out; ∞ if there is no clip.</param>
sealed record IntegerUnit(NodeProto Node, IntegerRole Role, (StaticInt8 Method, WeightedLayer Layer)? Layer,
    NodeProto? Activation, float Low, float High)
{
    /// <summary>The value that leaves the unit, by its name before anything is written; a code operator may give several.</summary>
    public string Output { get; } = (Activation ?? Node).FirstOutput();

    /// <summary>Whether the output becomes codes; a product that only float operators use stays in float.</summary>
    public bool GivesCodes { get; set; } = true;
}

/// <summary>Which values and operators of a network become integer.</summary>
/// <remarks>
/// Layers of the recipe are integer. Between them, an operator becomes integer if all it takes are codes already and at least one integer operator
/// uses what it gives: nothing is rounded that was not going to be. Operators that only move codes run on codes wherever their input is given as codes.
/// The grid of a value is calibrated where the value is made; moved codes keep their grid, and operands that go nowhere but into a Concat take the grid of its output,
/// which saves a second rounding. Cost: linear in the graph.
/// </remarks>
sealed class StaticInt8Plan
{
    readonly NetworkRewrite _rewrite;
    readonly GraphIndex _index;
    readonly Dictionary<NodeProto, IntegerUnit> _units = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<NodeProto> _absorbed = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<string, IntegerUnit> _makers = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    readonly HashSet<string> _layerInputs = new(StringComparer.Ordinal);
    readonly RangeMethod _usualRange;

    StaticInt8Plan(NetworkRewrite rewrite, IReadOnlyList<(StaticInt8 Method, WeightedLayer Layer)> layers)
    {
        _rewrite = rewrite;
        if (layers.Any(layer => layer.Method.WeightBits == 4)) NetworkOpset.TryRaise(rewrite, NetworkOpset.Int4);
        NetworkOpset.Raise(rewrite, NetworkOpset.PerChannelQuantization);
        GraphOrder.Sort(rewrite.Graph);
        var nodes = layers.Select(layer => layer.Layer.Node).ToHashSet(ReferenceEqualityComparer.Instance);
        PadOfAllAxes.Apply(rewrite);
        WholeImagePooling.Apply(rewrite, nodes.Contains);
        GraphOrder.Sort(rewrite.Graph);
        _index = rewrite.Index;
        _usualRange = layers[0].Method.Range;
        var byNode = new Dictionary<NodeProto, (StaticInt8, WeightedLayer)>(ReferenceEqualityComparer.Instance);
        foreach (var (method, layer) in layers)
        {
            byNode.Add(layer.Node, (method, layer));
            _layerInputs.Add(layer.ActivationInput);
        }

        Grow(byNode);
        Prune();
        Units = [.. rewrite.Graph.Node.Where(_units.ContainsKey).Select(node => _units[node])];
        // Kept as they are now: writing the plan changes the edges.
        foreach (var unit in Units.Where(unit => unit.Role == IntegerRole.Codes))
        {
            foreach (string value in unit.Node.Output) _owners[value] = GridOwner(unit.Node.Input[0]);
        }
    }

    /// <summary>The integer operators in the order of the graph.</summary>
    public ImmutableArray<IntegerUnit> Units { get; }

    /// <summary>Plans.</summary>
    /// <exception cref="RecipeNotApplicableException">A layer cannot be treated in this network, or its operator set cannot be raised.</exception>
    public static StaticInt8Plan Of(NetworkRewrite rewrite, IReadOnlyList<(StaticInt8 Method, WeightedLayer Layer)> layers) => new(rewrite, layers);

    /// <summary>The unit that makes a value as codes; null if the value is made in float.</summary>
    public IntegerUnit? MakerOf(string value) => _makers.TryGetValue(value, out var unit) && unit.GivesCodes ? unit : null;

    /// <summary>The unit of an operator; null if it stays in float.</summary>
    public IntegerUnit? UnitOf(NodeProto node) => _units.GetValueOrDefault(node);

    /// <summary>Whether a value enters a layer and must be turned into codes for it, unless it is made as codes.</summary>
    public bool EntersLayer(string value) => _layerInputs.Contains(value);

    /// <summary>The data inputs of an operator that are codes: all of an arithmetic operator, the first of others.</summary>
    static IEnumerable<string> CodeInputs(IntegerUnit unit) => unit.Role == IntegerRole.Arithmetic ? unit.Node.Input : unit.Node.Input.Take(1);

    /// <summary>The value whose range decides the grid of a value.</summary>
    public string GridOwner(string value) => _owners.GetValueOrDefault(value, value);

    /// <summary>The Concat whose grid an operand may take: nothing else uses the operand.</summary>
    public string? ConcatBehind(string value)
    {
        if (MakerOf(value) is null or { Role: IntegerRole.Codes } || _index.IsGraphOutput(value) || EntersLayer(value)) return null;
        return _index.Consumers(value) is [{ Node: { OpType: "Concat" } concat }] && _units.ContainsKey(concat) ? concat.FirstOutput() : null;
    }

    /// <summary>How the range of a value is chosen: by the step of the layer that makes it, else of the first that takes it.</summary>
    public RangeMethod RangeOf(string value)
    {
        if (MakerOf(value) is { Layer: { } made }) return made.Method.Range;
        foreach (var use in _index.Consumers(value))
        {
            if (_units.TryGetValue(use.Node, out var unit) && unit.Layer is { } layer) return layer.Method.Range;
        }

        return _usualRange;
    }

    /// <summary>The values whose range decides a grid, in the order of the graph.</summary>
    public ImmutableArray<string> RequiredValues()
    {
        var values = new List<string>();
        foreach (var unit in Units)
        {
            values.AddRange(CodeInputs(unit).Select(GridOwner));
            if (unit.GivesCodes && unit.Role != IntegerRole.Codes) values.Add(unit.Output);
        }

        return [.. values.Distinct()];
    }

    void Grow(Dictionary<NodeProto, (StaticInt8, WeightedLayer)> layers)
    {
        foreach (var node in _rewrite.Graph.Node)
        {
            if (_absorbed.Contains(node)) continue;
            if (layers.TryGetValue(node, out var layer)) AddUnit(node, IntegerRole.Layer, layer);
            else if (IntegerOperators.RoleOf(node, _index) is { } role && TakesCodes(node, role)) AddUnit(node, role, null);
        }
    }

    bool TakesCodes(NodeProto node, IntegerRole role)
    {
        var inputs = role == IntegerRole.Codes ? node.Input.Take(1) : node.Input;
        return inputs.All(input => _makers.ContainsKey(input) || (role == IntegerRole.Arithmetic && EntersLayer(input)))
            && inputs.Any(_makers.ContainsKey);
    }

    void AddUnit(NodeProto node, IntegerRole role, (StaticInt8, WeightedLayer)? layer)
    {
        NodeProto? activation = null;
        (float low, float high) = (float.NegativeInfinity, float.PositiveInfinity);
        string output = node.FirstOutput();
        if (role != IntegerRole.Codes && !_index.IsGraphOutput(output) && _index.Consumers(output) is [{ InputIndex: 0 } use]
            && use.Node == use.Owner && IntegerOperators.TryClip(use.Node, _index, _rewrite.Model, out low, out high))
        {
            activation = use.Node;
            _absorbed.Add(activation);
        }

        var unit = new IntegerUnit(node, role, layer, activation, low, high);
        _units.Add(node, unit);
        if (role == IntegerRole.Codes)
        {
            foreach (string value in node.Output.Where(value => value.Length > 0)) _makers.Add(value, unit);
        }
        else
        {
            _makers.Add(unit.Output, unit);
        }
    }

    void Prune()
    {
        // Backwards: who needs codes?
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in _rewrite.Graph.Node.Reverse())
        {
            if (!_units.TryGetValue(node, out var unit)) continue;
            bool isNeeded = unit.Role == IntegerRole.Codes ? node.Output.Any(needed.Contains) : needed.Contains(unit.Output);
            if (unit.Role == IntegerRole.Layer) unit.GivesCodes = isNeeded || node.OpType == "Conv";
            else if (unit.Role == IntegerRole.Arithmetic && !isNeeded) Remove(unit);
            if (unit.Role == IntegerRole.Layer || isNeeded) needed.UnionWith(CodeInputs(unit));
        }

        // Forwards: code operators at the end stay only where codes are made anyway.
        foreach (var node in _rewrite.Graph.Node)
        {
            if (_units.TryGetValue(node, out var unit) && unit.Role == IntegerRole.Codes && MakerOf(node.Input[0]) is null) Remove(unit);
        }
    }

    void Remove(IntegerUnit unit)
    {
        _units.Remove(unit.Node);
        foreach (string value in unit.Node.Output) _makers.Remove(value);
        _makers.Remove(unit.Output);
    }
}
