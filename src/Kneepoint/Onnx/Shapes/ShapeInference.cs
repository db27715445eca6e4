using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Finds the shape of every value of a network without running it.</summary>
/// <remarks>
/// Goes through the nodes once, in their order, with one rule per operator. Small integer tensors are computed along, so that shapes
/// that a network computes for itself resolve. Where an operator has no rule, or a shape depends on data, everything after it is
/// unknown with that node as the reason; <see cref="ShapeCompletion"/> then asks the runtime.
/// Cost: linear in the graph; weights are not read.
/// </remarks>
public sealed class ShapeInference
{
    readonly OnnxModel _model;
    readonly IReadOnlyDictionary<string, KnownValue> _measured;
    readonly HashSet<(string, string)> _functions;

    ShapeInference(OnnxModel model, IReadOnlyDictionary<string, KnownValue> measured)
    {
        _model = model;
        _measured = measured;
        _functions = [.. model.Proto.Functions.Select(function => (function.Domain, function.Name))];
    }

    /// <summary>Infers the shapes of the main graph and of its subgraphs.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">Sizes of free dimensions.</param>
    /// <exception cref="OnnxModelException">The graph is malformed, or an input's given shape contradicts the model.</exception>
    public static ShapeTable Infer(OnnxModel model, InputShapes inputs) => Infer(model, inputs, new Dictionary<string, KnownValue>());

    /// <summary>Infers with what a run has shown: shapes that no rule gives, and conditions of If.</summary>
    internal static ShapeTable Infer(OnnxModel model, InputShapes inputs, IReadOnlyDictionary<string, KnownValue> measured)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        var table = new ShapeTable { Runs = 1 };
        var index = new GraphIndex(model);
        foreach (var input in index.FedInputs)
        {
            var type = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
            long[]? dims = inputs.Resolve(input);
            if (dims is null || !Tensor.TryCount(dims, out _))
            {
                table.AddUnknown(input.Name, $"Input '{input.Name}' has no shape that could be taken.");
            }
            else
            {
                table.Add(input.Name, new KnownValue(new ValueShape(type, [.. dims])));
            }
        }

        new ShapeInference(model, measured).Walk(model.Graph, table, index);
        return table;
    }

    void Walk(GraphProto graph, ShapeTable table, GraphIndex? index)
    {
        foreach (var initializer in graph.Initializer)
        {
            bool isOverridable = index?.IsOverridable(initializer.Name) == true;
            table.Add(initializer.Name, Constant(initializer, isOverridable));
        }

        foreach (var sparse in graph.SparseInitializer)
        {
            if (sparse.Values is null || !Tensor.TryCount([.. sparse.Dims], out _)) continue;
            table.Add(sparse.Values.Name, new KnownValue(new ValueShape((ElementType)sparse.Values.DataType, [.. sparse.Dims])));
        }

        foreach (var node in graph.Node)
        {
            Visit(node, table);
            if (index is not null) AddMeasured(node, table);
        }
    }

    // Of the main graph only: a run gives nothing else out.
    void AddMeasured(NodeProto node, ShapeTable table)
    {
        foreach (string output in node.Output)
        {
            if (_measured.TryGetValue(output, out var measured) && table.Find(output)?.Integers is null) table.Add(output, measured);
        }
    }

    void Visit(NodeProto node, ShapeTable table)
    {
        string? reason = null;
        try
        {
            reason = Apply(node, table);
        }
        catch (OnnxModelException exception)
        {
            reason = exception.Message;
        }
        catch (Exception exception) when (exception is OverflowException or IndexOutOfRangeException or ArgumentException or DivideByZeroException)
        {
            // A malformed node: sizes that no network has, or lists that are too short.
            reason = $"{node.Place()}: its attributes and shapes do not fit together.";
        }

        foreach (string output in node.Output)
        {
            if (output.Length > 0 && table.Find(output) is null) table.AddUnknown(output, reason ?? $"{node.Place()}: its rule tells no shape for '{output}'.");
        }
    }

    // Gives the reason where the outputs stay unknown.
    string? Apply(NodeProto node, ShapeTable table)
    {
        var inputs = new KnownValue?[node.Input.Count];
        string? missing = null;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Input[i].Length == 0) continue;
            inputs[i] = table.Find(node.Input[i]);
            if (inputs[i] is null) missing ??= table.WhyUnknown(node.Input[i]);
        }

        if (_functions.Contains((node.Domain, node.OpType))) return $"{node.Place()}: is a function of the model, which has no rule.";
        if (node.IsStandard() && node.OpType is "If" or "Loop" or "Scan")
        {
            return new ControlFlowShapes(_model.Proto.IrVersion, (graph, inner) => Walk(graph, inner, null)).Apply(node, table, inputs, missing);
        }

        if (missing is not null) return missing;
        if (node.IsStandard("Constant")) return ApplyConstant(node, table);
        if (ShapeRules.Find(node) is not { } rule) return $"{node.Place()}: the operator {OperatorName(node)} has no rule.";
        var context = new NodeShapes(node, Opsets.Version(_model.Proto, node.Domain), inputs);
        rule(context);
        for (int i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length > 0 && context.Outputs[i] is { } known) table.Add(node.Output[i], known);
        }

        return null;
    }

    string? ApplyConstant(NodeProto node, ShapeTable table)
    {
        if (node.FirstOutput().Length == 0) return null;
        if (node.TryGetTensor("value", out var tensor))
        {
            table.Add(node.Output[0], Constant(tensor, isOverridable: false));
            return null;
        }

        var context = new NodeShapes(node, 0, []);
        if (node.Attribute("value_int") is not null) context.Out(0, ElementType.Int64, [], [node.GetInt("value_int", 0)]);
        else if (node.Attribute("value_float") is not null) context.Out(0, ElementType.Float32, [], reals: [node.GetFloat("value_float", 0)]);
        else if (node.GetInts("value_ints") is { } ints) context.Out(0, ElementType.Int64, [ints.Length], ints);
        else if (node.GetFloats("value_floats") is { } floats) context.Out(0, ElementType.Float32, [floats.Length], reals: [.. floats.Select(f => (double)f)]);
        else return $"{node.Place()}: its value is of a kind that has no shape here.";
        table.Add(node.Output[0], context.Outputs[0]!);
        return null;
    }

    KnownValue Constant(TensorProto tensor, bool isOverridable)
    {
        long count = TensorData.Count(tensor);
        var shape = new ValueShape(TensorData.TypeOf(tensor), [.. tensor.Dims]);
        if (count > KnownValue.MostElements || isOverridable) return new KnownValue(shape);
        return shape.ElementType switch
        {
            ElementType.Int64 or ElementType.Int32 or ElementType.Int16 or ElementType.Int8 or ElementType.UInt8 or ElementType.UInt16
                or ElementType.UInt32 or ElementType.Bool => new KnownValue(shape, TensorData.ReadInt64(tensor, _model)),
            ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16 =>
                new KnownValue(shape, Reals: [.. TensorData.ReadFloat32(tensor, _model).Select(f => (double)f)]),
            _ => new KnownValue(shape),
        };
    }

    static string OperatorName(NodeProto node) => node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
}
