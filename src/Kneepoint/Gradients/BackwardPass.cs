using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Gradients.Rules;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients;

/// <summary>Goes through a network from its outputs to its inputs and writes the rule of each node on the way.</summary>
/// <remarks>
/// The chain rule in reverse: the gradient of a value is the sum over the nodes that use it of what their rules give; nodes are taken in the reverse of
/// their order, so that all of these are there when the node that makes the value is reached. Source: [Griewank2008] chapter 3.
/// </remarks>
sealed class BackwardPass
{
    readonly OnnxModel _model;
    readonly GradientRequest _request;
    readonly GraphIndex _index;
    readonly ActivePaths _paths;
    readonly StaticShapes _shapes;
    readonly GraphEmitter _emit;
    readonly Dictionary<string, List<string>> _parts = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _cotangents = new(StringComparer.Ordinal);
    readonly List<MissingGradient> _missing = [];

    BackwardPass(OnnxModel model, GradientRequest request)
    {
        _model = model;
        _request = request;
        _index = new GraphIndex(model);
        _shapes = new StaticShapes(model);
        _paths = new ActivePaths(model, request.Weights.Concat(request.Values), request.Outputs);
        _emit = new GraphEmitter(_index, _shapes);
    }

    /// <summary>The nodes without a rule, in the order of the graph.</summary>
    public ImmutableArray<MissingGradient> Missing { get; private set; } = [];

    /// <summary>Differentiates a copy of a model.</summary>
    public static BackwardPass Over(OnnxModel model, GradientRequest request)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        var copy = model.Clone();
        GraphOrder.Sort(copy.Graph);
        RequestCheck.Check(copy, request);
        if (Upgrade(copy) is { } refusal) return new BackwardPass(copy, request) { Missing = [refusal] };
        var pass = new BackwardPass(copy, request);
        pass.Run();
        return pass;
    }

    static MissingGradient? Upgrade(OnnxModel model)
    {
        if (Opsets.Version(model.Proto) >= GradientGraph.OperatorSet) return null;
        var index = new GraphIndex(model);
        var shapes = new Lazy<ShapeTable>(() => ShapeInference.Infer(model.Clone(), new InputShapes()));
        string? refusal = OpsetUpgrade.Raise(model, GradientGraph.OperatorSet, index.FreshName, value => shapes.Value[value]?.Dimensions.Length);
        return refusal is null ? null : new MissingGradient("", "", refusal);
    }

    /// <summary>The network with its gradient.</summary>
    public GradientGraph ToGraph()
    {
        var gradients = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var graph = _model.Graph;
        if (!_request.KeepOutputs) graph.Output.Clear();
        foreach (string wanted in _request.Weights.Concat(_request.Values).Distinct(StringComparer.Ordinal))
        {
            string name = _index.FreshName(wanted + "_gradient");
            string gradient = Total(wanted) ?? _emit.Zeros(_emit.Shape(wanted));
            _emit.Nodes.Add(NodeBuilder.Node("Identity", [gradient], [name]));
            long[]? dims = _shapes.Of(wanted);
            graph.Output.Add(dims is null ? new ValueInfoProto { Name = name } : NodeBuilder.Value(name, ElementType.Float32, dims));
            gradients.Add(wanted, name);
        }

        foreach (string output in _request.Outputs.Distinct(StringComparer.Ordinal)) graph.Input.Add(CotangentInput(output));
        graph.Node.AddRange(_emit.Nodes);
        graph.Initializer.AddRange(_emit.Constants);
        if (_request.WeightsAsInputs) WeightInputs.Move(_model, _request.Weights);
        GraphPruning.Prune(graph);
        return new GradientGraph(_model, _cotangents.ToImmutableDictionary(StringComparer.Ordinal), gradients.ToImmutable());
    }

    void Run()
    {
        foreach (string output in _request.Outputs.Distinct(StringComparer.Ordinal))
        {
            string name = _index.FreshName(output + "_cotangent");
            _cotangents.Add(output, name);
            Give(output, name);
        }

        foreach (var node in _model.Graph.Node.ToArray().Reverse())
        {
            if (_paths.Contains(node)) Visit(node);
        }

        _missing.Reverse();
        Missing = [.. _missing];
    }

    void Visit(NodeProto node)
    {
        bool[] wants = [.. Enumerable.Range(0, node.Input.Count).Select(i => _paths.IsActive(node, i))];
        try
        {
            if (_paths.RuleOf(node) is not { } rule) throw new GradientNotAvailableException(NodeGradient.NoRule(node));
            string?[] outputs = [.. node.Output.Select(output => output.Length > 0 ? Total(output) : null)];
            var context = new NodeGradient(node, _emit, _shapes, _index, outputs, wants, Give);
            if (outputs.All(output => output is null)) return;
            CheckTypes(context);
            if (!rule.HasManyOutputs && outputs.Skip(1).Any(output => output is not null)) throw context.Refuse("no rule for its outputs after the first");
            Apply(rule, context);
        }
        catch (GradientNotAvailableException refused)
        {
            _missing.AddRange(refused.Missing);

            // So that the nodes before it are asked as well; the graph is not made.
            foreach (string input in GraphOrder.InputsOf(node).Where(_paths.Contains)) Give(input, input);
        }
    }

    static void Apply(GradientRule rule, NodeGradient context)
    {
        try
        {
            rule.Apply(context);
        }
        catch (Exception exception) when (exception is OverflowException or IndexOutOfRangeException or ArgumentException or DivideByZeroException)
        {
            throw context.Refuse("its attributes and shapes do not fit together");
        }
        catch (OnnxModelException exception)
        {
            throw context.Refuse(exception.Message.TrimEnd('.'));
        }
    }

    void CheckTypes(NodeGradient context)
    {
        foreach (string value in context.Node.Input.Where((_, i) => context.Wants(i)).Concat(context.Node.Output.Where(_paths.Contains)))
        {
            if (_shapes.TypeOf(value) is { } type && type != ElementType.Float32)
            {
                throw context.Refuse(string.Create(CultureInfo.InvariantCulture, $"'{value}' is of {type}, and gradients are computed in {ElementType.Float32}"));
            }
        }
    }

    void Give(string value, string gradient)
    {
        if (!_parts.TryGetValue(value, out var parts)) _parts.Add(value, parts = []);
        parts.Add(gradient);
    }

    // The sum of what was given; null where nothing was.
    string? Total(string value)
    {
        if (!_parts.TryGetValue(value, out var parts)) return null;
        if (parts.Count > 1) _parts[value] = parts = [parts.Count == 2 ? _emit.Add(parts[0], parts[1]) : _emit.Op("Sum", [.. parts])];
        return parts[0];
    }

    ValueInfoProto CotangentInput(string output)
    {
        var declared = _model.Graph.Output.Concat(_model.Graph.ValueInfo).FirstOrDefault(value => value.Name == output && value.Type?.TensorType?.Shape is not null);
        if (declared is not null)
        {
            var copy = declared.Clone();
            copy.Name = _cotangents[output];
            return copy;
        }

        if (_shapes.Of(output) is { } dims) return NodeBuilder.Value(_cotangents[output], ElementType.Float32, dims);
        return new ValueInfoProto { Name = _cotangents[output], Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32 } } };
    }
}
