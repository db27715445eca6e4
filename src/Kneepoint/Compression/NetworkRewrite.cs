using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>A network while a recipe works on it: the graph, its layers by their names in the baseline, and what was found.</summary>
sealed class NetworkRewrite
{
    const string NoSamples = "was given no calibration samples";
    const int MostNames = 5;
    const int FloatBits = 32;
    const int GemmWithoutBias = 11;

    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly Dictionary<NodeProto, string> _ids = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<string, TreatedLayer> _treated = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);
    readonly List<Finding> _notes = [];
    readonly OrderedDictionary<(string Method, string OpType, string Reason), List<string>> _kept = [];
    readonly List<string> _order;
    readonly Dictionary<string, List<string>> _parts = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<string>> _restructured = new(StringComparer.Ordinal);
    readonly Dictionary<string, int[]> _keptChannels = new(StringComparer.Ordinal);
    readonly OnnxModel _baseline;
    GraphIndex? _index;
    ShapeTable? _shapes;

    /// <summary>Starts from a copy of the baseline.</summary>
    /// <param name="baseline">Not changed.</param>
    public NetworkRewrite(OnnxModel baseline)
    {
        _baseline = baseline;
        Model = baseline.Clone();
        GraphOrder.Sort(Graph);
        FixedInitializers.Apply(this);
        Layers = WeightedLayers.Find(Model).Layers;
        foreach (var layer in Layers.Where(layer => !layer.IsRecurrence)) _ids.Add(layer.Node, layer.Id);
        _order = [.. Layers.Select(layer => layer.Id)];
        CollectNames(Graph);
    }

    NetworkRewrite(NetworkRewrite other)
    {
        _baseline = other._baseline;
        Model = other.Model.Clone();
        for (int i = 0; i < Graph.Node.Count; i++)
        {
            if (other._ids.TryGetValue(other.Graph.Node[i], out string? id)) _ids.Add(Graph.Node[i], id);
        }

        _order = other._order;
        foreach (var (owner, parts) in other._parts) _parts.Add(owner, [.. parts]);
        foreach (var (layer, methods) in other._restructured) _restructured.Add(layer, [.. methods]);
        foreach (var (key, name) in other._shared) _shared.Add(key, name);
        foreach (var (value, kept) in other._keptChannels) _keptChannels.Add(value, kept);
        (_names, Roundings, CannotReach, Layers) = ([.. other._names], other.Roundings, other.CannotReach, []);
        (Facts, Unquantized) = (other.Facts, other.Unquantized);
        FindLayersAgain();
    }

    /// <summary>The same network, to be worked on apart from this one; notes and treatments stay here.</summary>
    public NetworkRewrite Copy() => new(this);

    /// <summary>The model, changed in place.</summary>
    public OnnxModel Model { get; }

    /// <summary>The main graph.</summary>
    public GraphProto Graph => Model.Graph;

    /// <summary>The layers that nothing has been done to yet may be taken from here; weights and nodes are those of <see cref="Model"/>.</summary>
    public IReadOnlyList<WeightedLayer> Layers { get; private set; }

    /// <summary>The lowest standard operator set that is known to be out of reach.</summary>
    public int CannotReach { get; set; } = int.MaxValue;

    /// <summary>Scales of 8 bits, written together once all layers are treated.</summary>
    public LogarithmicScales Scales { get; } = new();

    /// <summary>Notes something to know about the variant.</summary>
    public void Note(string code, string message) => _notes.Add(new Finding(code, FindingSeverity.Note, message));

    /// <summary>What was found, in the order in which it was found; parts that stay in float come last, those of one reason together.</summary>
    /// <remarks>A layer that one method leaves and another one treats does not stay in float.</remarks>
    public IEnumerable<Finding> Findings => _notes.Concat(_kept
        .Select(kept => (kept.Key, Ids: kept.Value.Where(id => !IsTreated(id)).ToList()))
        .Where(kept => kept.Ids.Count > 0)
        .Select(kept => new Finding("kept-in-float", FindingSeverity.Note,
            $"{Names(kept.Ids)} ({kept.Key.OpType}) stay{(kept.Ids.Count == 1 ? "s" : "")} without {kept.Key.Method}: it {kept.Key.Reason}.")));

    /// <summary>The index of the graph as it is; made anew after <see cref="Changed"/>.</summary>
    public GraphIndex Index => _index ??= new GraphIndex(Model);

    /// <summary>What was done so far, in the baseline's order of layers, the parts of a layer behind it.</summary>
    public IEnumerable<TreatedLayer> Treatments => _order.SelectMany(PartsOf).Select(Treatment).OfType<TreatedLayer>();

    /// <summary>The values that hold what the layers of the baseline give out, by the names of the layers.</summary>
    public ImmutableDictionary<string, string> Values
    {
        get
        {
            var nodes = _ids.ToDictionary(entry => entry.Value, entry => entry.Key, StringComparer.Ordinal);
            var values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (string id in _order)
            {
                string node = id.EndsWith(WeightedLayer.RecurrenceSuffix, StringComparison.Ordinal) && !nodes.ContainsKey(id) ? id[..^WeightedLayer.RecurrenceSuffix.Length] : id;
                if (_treated.TryGetValue(id, out var treated)) values.Add(id, treated.Value);
                else if (nodes.TryGetValue(node, out var kept)) values.Add(id, kept.Output.FirstOrDefault(output => output.Length > 0) ?? "");
            }

            return values.ToImmutable();
        }
    }

    /// <summary>Says that edges of the graph were changed.</summary>
    public void Changed() => _index = null;

    /// <summary>Finds the layers again after nodes were merged; they keep the names that their nodes have in the baseline.</summary>
    public void FindLayersAgain()
    {
        Changed();
        Layers = [.. WeightedLayers.Find(Model).Layers
            .Where(layer => _ids.ContainsKey(layer.Node))
            .Select(layer => layer with { Id = _ids[layer.Node] + (layer.IsRecurrence ? WeightedLayer.RecurrenceSuffix : "") })];
    }

    /// <summary>Registers a node that takes over a part of a layer's work: steps that name the layer treat both.</summary>
    /// <param name="layer">The layer; its own node, or the one that <see cref="Replace"/> gives it, keeps its name.</param>
    /// <param name="node">The added node; it is added to the graph by the caller.</param>
    public void AddPart(WeightedLayer layer, NodeProto node)
    {
        string owner = _parts.FirstOrDefault(parts => parts.Value.Contains(layer.Id)).Key ?? layer.Id;
        if (!_parts.TryGetValue(owner, out var parts)) _parts.Add(owner, parts = [owner]);
        parts.Add(node.FirstOutput());
        _ids.Add(node, node.FirstOutput());
        Changed();
    }

    /// <summary>Lets another node be a layer in place of its own.</summary>
    public void Replace(WeightedLayer layer, NodeProto node)
    {
        _ids.Remove(layer.Node);
        _ids.Add(node, layer.Id);
        Changed();
    }

    /// <summary>The names of the layers that a layer of the baseline has become: its own, and those of its parts.</summary>
    public IReadOnlyList<string> PartsOf(string id) => _parts.TryGetValue(id, out var parts) ? parts : [id];

    /// <summary>Notes that a step has changed a layer; several may.</summary>
    public void Restructured(WeightedLayer layer, CompressionMethod method)
    {
        if (!_restructured.TryGetValue(layer.Id, out var methods)) _restructured.Add(layer.Id, methods = []);
        methods.Add(method.ToText());
    }

    /// <summary>The baseline as it was before the first step: batch normalizations folded.</summary>
    public NetworkRewrite FoldedBaseline()
    {
        var folded = new NetworkRewrite(_baseline);
        FoldBatchNormalization.Fold(folded);
        return folded;
    }

    /// <summary>Says that output channels of a layer are cut.</summary>
    /// <param name="layer">As it is before the cut.</param>
    /// <param name="removed">Their numbers among those that it has now.</param>
    public void RemovedChannels(WeightedLayer layer, IReadOnlySet<int> removed)
    {
        int[] now = KeptChannels(layer.Value, (int)layer.OutputChannels);
        _keptChannels[layer.Value] = [.. now.Where((_, place) => !removed.Contains(place))];
    }

    /// <summary>Whether channels of any layer were cut.</summary>
    public bool HasCutChannels => _keptChannels.Count > 0;

    /// <summary>The node that computes a layer now; null where it is gone.</summary>
    /// <param name="id">The layer's name, without what tells the weights of a recurrent operator apart.</param>
    public NodeProto? NodeOf(string id) => _ids.FirstOrDefault(entry => entry.Value == id).Key;

    /// <summary>Values of the baseline that are rounded to codes as the network runs, and how; of several ways, the first.</summary>
    public Dictionary<string, ActivationGrid> QuantizedActivations { get; } = new(StringComparer.Ordinal);

    /// <summary>Which of the channels that a layer had in the baseline are left.</summary>
    /// <param name="value">What the layer gives.</param>
    /// <param name="count">Its channels where none was cut.</param>
    public int[] KeptChannels(string value, int count) => _keptChannels.TryGetValue(value, out int[]? kept) ? kept : [.. Enumerable.Range(0, count)];

    /// <summary>The number of dimensions of a value of the baseline's main graph; null where it is not known.</summary>
    public int? RankOf(string value) => (_shapes ??= ShapeInference.Infer(_baseline, new InputShapes()))[value]?.Dimensions.Length;

    /// <summary>A name that no value or node bears.</summary>
    public string Fresh(string stem)
    {
        string name = stem;
        for (int i = 1; !_names.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{i}");
        return name;
    }

    /// <summary>Adds an initializer under a fresh name.</summary>
    public string AddInitializer(string stem, Tensor tensor)
    {
        string name = Fresh(stem);
        Graph.Initializer.Add(TensorData.Write(name, tensor));
        return name;
    }

    /// <summary>Adds a scalar under a fresh name.</summary>
    public string AddScalar(string stem, float value) => AddInitializer(stem, Tensor.Of([], [value]));

    /// <summary>A product of two matrices without a bias, as a Gemm that the network's operator set takes.</summary>
    public NodeProto Product(string left, string right, string output) => Opsets.Version(Model.Proto) < GemmWithoutBias
        ? NodeBuilder.Node("Gemm", [left, right, Once("no bias", () => AddInitializer("no_bias", Tensor.Of([1], [0f])))], [output])
        : NodeBuilder.Node("Gemm", [left, right], [output]);

    /// <summary>Adds a node; the graph is sorted again at the end.</summary>
    /// <returns>The name of its first output.</returns>
    public string Add(NodeProto node)
    {
        Graph.Node.Add(node);
        Changed();
        return node.FirstOutput();
    }

    /// <summary>Makes a value once per key: layers that share a weight share what is made of it.</summary>
    public string Once(string key, Func<string> make)
    {
        if (!_shared.TryGetValue(key, out string? name)) _shared.Add(key, name = make());
        return name;
    }

    /// <summary>Notes what was done to a layer.</summary>
    public void Treated(WeightedLayer layer, CompressionMethod method, int weightBits, int activationBits, string? value = null)
    {
        var treatment = new TreatedLayer(layer.Id, layer.OpType, method.ToText(), weightBits, activationBits, value ?? layer.Value);
        if (!_treated.TryAdd(layer.Id, treatment))
        {
            throw new RecipeNotApplicableException($"Layer '{layer.Id}' is treated by '{_treated[layer.Id].Method}' already; a recipe treats each layer once.");
        }
    }

    /// <summary>Notes that a part stays as it is.</summary>
    /// <param name="id">The part's first output.</param>
    /// <param name="opType">Its operator.</param>
    /// <param name="method">The method that leaves it.</param>
    /// <param name="reason">A clause that goes on from "it": "is a recurrent operator".</param>
    public void KeptInFloat(string id, string opType, string method, string reason)
    {
        var key = (method, opType, reason);
        if (!_kept.TryGetValue(key, out var parts)) _kept.Add(key, parts = []);
        if (!parts.Contains(id)) parts.Add(id);
    }

    /// <summary>Whether a method has treated the layer.</summary>
    public bool IsTreated(string layer) => _treated.ContainsKey(layer);

    /// <summary>Gives treated layers the names that their values have after renaming.</summary>
    public void RenameValues(IReadOnlyDictionary<string, string> names)
    {
        foreach (var (id, treatment) in _treated.ToArray())
        {
            if (names.TryGetValue(treatment.Value, out string? name)) _treated[id] = treatment with { Value = name };
        }
    }

    /// <summary>Lets a layer take its weight from another value; a layer that computes in another type than binary32 takes it through a Cast.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="value">The weight in binary32, in its shape.</param>
    public void TakeWeight(WeightedLayer layer, string value)
    {
        layer.Node.Input[layer.WeightInput] = layer.ElementType == ElementType.Float32 ? value
            : Once($"{layer.ElementType} {value}", () => Add(NodeBuilder.Node("Cast", [value], [Fresh(layer.WeightName + "_t")]).With("to", (long)layer.ElementType)));
        Changed();
    }

    /// <summary>The layer's weight as binary32.</summary>
    public float[] WeightOf(WeightedLayer layer) => TensorData.ReadFloat32(layer.Weight, Model);

    /// <summary>Rounds weights by the calibration samples; null where no recipe asks for it.</summary>
    public DataRoundings? Roundings { get; set; }

    /// <summary>What the calibration samples show of the network before anything is quantized; null where there are none.</summary>
    public ICalibrationFacts? Facts { get; set; }

    /// <summary>The network before anything is quantized, where a step asks for it; null elsewhere.</summary>
    public NetworkRewrite? Unquantized { get; set; }

    /// <summary>Layers whose weights were rounded for what the rounded layers before them feed them, by their names; null where no step asks for it.</summary>
    public IReadOnlyDictionary<string, FittedWeight>? Fitted { get; set; }

    /// <summary>Where not null, successive roundings are noted here and not carried out.</summary>
    public List<RoundingRequest>? Asked { get; set; }

    /// <summary>Notes that a layer is rounded without the calibration samples.</summary>
    public void RoundedToNearest(WeightedLayer layer, string? reason) =>
        Note("rounded-to-nearest", $"'{layer.Id}' ({layer.OpType}) is rounded to nearest: it {reason ?? NoSamples}.");

    /// <summary>Rounds a layer's weight by the calibration samples.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Its weight.</param>
    /// <param name="rounding">How.</param>
    /// <param name="isSuccessive">Whether the layer is to be fitted to what the rounded layers before it feed it.</param>
    /// <param name="reason">Where there is none, why, as a clause that goes on from "it".</param>
    /// <returns>Null where nothing is known of what the layer is fed.</returns>
    public FittedWeight? Rounded(WeightedLayer layer, WeightRows rows, IWeightRounding rounding, bool isSuccessive, out string reason)
    {
        reason = "";
        if (isSuccessive && Asked is not null)
        {
            Asked.Add(new RoundingRequest(layer, rows, rounding));
            return rounding.Unanswered(rows);
        }

        if (isSuccessive && Fitted is not null && Fitted.TryGetValue(layer.Id, out var fitted)) return fitted;
        string? unknown = null;
        if (Roundings is not null && rounding.ByInput(Roundings, layer, rows, out unknown) is { } rounded) return rounded;
        reason = unknown ?? NoSamples;
        return null;
    }

    // All that was done to a layer, in the order of the steps.
    TreatedLayer? Treatment(string id)
    {
        var before = _restructured.GetValueOrDefault(id) ?? [];
        if (!_treated.TryGetValue(id, out var treated))
        {
            if (before.Count == 0 || Layers.FirstOrDefault(layer => layer.Id == id) is not { } layer) return null;
            return new TreatedLayer(id, layer.OpType, string.Join(" + ", before), FloatBits, FloatBits, layer.Value);
        }

        return before.Count == 0 ? treated : treated with { Method = string.Join(" + ", before.Append(treated.Method)) };
    }

    /// <summary>Requires that a layer's weight and its fixed bias can be quantized.</summary>
    /// <exception cref="RecipeNotApplicableException">A number is infinite or not a number.</exception>
    public void RequireFiniteWeights(WeightedLayer layer)
    {
        RequireFinite(layer, "weight", WeightOf(layer));
        if (layer.BiasName is not null && Index.TryConstant(layer.BiasName, out var bias)) RequireFinite(layer, "bias", TensorData.ReadFloat32(bias, Model));
    }

    static string Names(List<string> ids) => string.Join(", ", ids.Take(MostNames).Select(id => $"'{id}'"))
        + (ids.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {ids.Count - MostNames} more") : "");

    static void RequireFinite(WeightedLayer layer, string what, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsFinite(value)) continue;
            throw new RecipeNotApplicableException(string.Create(CultureInfo.InvariantCulture,
                $"Layer '{layer.Id}' has a {what} of {value}; only finite numbers can be quantized."));
        }
    }

    void CollectNames(GraphProto graph)
    {
        foreach (var input in graph.Input) _names.Add(input.Name);
        foreach (var output in graph.Output) _names.Add(output.Name);
        foreach (var initializer in graph.Initializer) _names.Add(initializer.Name);
        foreach (var node in graph.Node)
        {
            _names.Add(node.Name);
            _names.UnionWith(node.Input);
            _names.UnionWith(node.Output);
            foreach (var subgraph in node.Subgraphs()) CollectNames(subgraph);
        }
    }
}
