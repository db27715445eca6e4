using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Runs a network in double precision, operator by operator, by loops over the definitions.</summary>
sealed class DoubleNetwork
{
    readonly OnnxModel _model;
    readonly List<NodeProto> _nodes;
    readonly Dictionary<string, DoubleTensor> _values = new(StringComparer.Ordinal);

    /// <summary>Runs the network once on the given inputs.</summary>
    public DoubleNetwork(OnnxModel model, IReadOnlyDictionary<string, DoubleTensor> inputs)
    {
        _model = model.Clone();
        GraphOrder.Sort(_model.Graph);
        _nodes = [.. _model.Graph.Node];
        foreach (var initializer in _model.Graph.Initializer) _values[initializer.Name] = DoubleTensor.Of(initializer, _model);
        foreach (var (name, value) in inputs) _values[name] = value;
        foreach (var node in _nodes) Run(node, _values, name => _values[name]);
    }

    /// <summary>What a value was in the first run.</summary>
    public DoubleTensor this[string value] => _values[value];

    /// <summary>Some values after others are replaced; only what depends on those is computed again.</summary>
    public IReadOnlyDictionary<string, DoubleTensor> With(IReadOnlyDictionary<string, DoubleTensor> changed, IEnumerable<string> wanted)
    {
        var again = new Dictionary<string, DoubleTensor>(changed, StringComparer.Ordinal);
        foreach (var node in _nodes)
        {
            if (node.Output.Any(changed.ContainsKey) || !node.Input.Any(again.ContainsKey)) continue;
            Run(node, again, name => again.TryGetValue(name, out var known) ? known : _values[name]);
        }

        return wanted.ToDictionary(name => name, name => again.TryGetValue(name, out var known) ? known : _values[name]);
    }

    void Run(NodeProto node, Dictionary<string, DoubleTensor> values, Func<string, DoubleTensor> find)
    {
        DoubleTensor?[] inputs = [.. node.Input.Select(name => name.Length > 0 ? find(name) : null)];
        var outputs = DoubleOperators.Run(new DoubleNode(node, Opsets.Version(_model.Proto), inputs, _model));
        for (int i = 0; i < node.Output.Count && i < outputs.Length; i++)
        {
            if (node.Output[i].Length > 0) values[node.Output[i]] = outputs[i];
        }
    }
}
