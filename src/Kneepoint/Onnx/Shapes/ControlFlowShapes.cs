using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Shapes through the subgraphs of If, Loop and Scan.</summary>
/// <remarks>
/// An If whose condition is fixed takes one branch; else both are looked at, and an output is known where they agree. Loop and Scan are
/// known where the body leaves the shapes of its state as they are; what they collect needs a fixed number of runs.
/// </remarks>
sealed class ControlFlowShapes(long irVersion, Action<GraphProto, ShapeTable> walk)
{
    readonly bool _isOld = irVersion < 4;

    public string? Apply(NodeProto node, ShapeTable table, KnownValue?[] inputs, string? missing) => node.OpType switch
    {
        "If" => If(node, table, inputs.ElementAtOrDefault(0)?.Integers?.FirstOrDefault(), missing),
        "Loop" => missing ?? Loop(node, table, inputs),
        _ => missing ?? Scan(node, table, inputs),
    };

    string? If(NodeProto node, ShapeTable table, long? condition, string? missing)
    {
        if (!node.TryGetGraph("then_branch", out var then) || !node.TryGetGraph("else_branch", out var otherwise))
        {
            return $"{node.Place()}: expected two branches.";
        }

        if (missing is not null) return missing;
        GraphProto[] branches = condition switch { null => [then, otherwise], 0 => [otherwise], _ => [then] };
        var results = new List<ShapeTable>();
        foreach (var branch in branches)
        {
            var inner = table.AddSubgraph(branch, condition is null ? null : 1);
            walk(branch, inner);
            results.Add(inner);
        }

        string? reason = null;
        for (int i = 0; i < node.Output.Count; i++)
        {
            var found = branches.Zip(results).Select(pair => Result(pair.First, pair.Second, i)).ToArray();
            if (found.Any(value => value is null))
            {
                reason ??= branches.Zip(results).Select(pair => i < pair.First.Output.Count ? pair.Second.WhyUnknown(pair.First.Output[i].Name) : null)
                    .FirstOrDefault(why => why is not null);
            }
            else if (found.All(value => value!.Shape == found[0]!.Shape))
            {
                if (node.Output[i].Length > 0) table.Add(node.Output[i], found.Length == 1 ? found[0]! : new KnownValue(found[0]!.Shape));
            }
            else
            {
                reason ??= $"{node.Place()}: its branches give output {i} as {found[0]!.Shape} and {found[1]!.Shape}.";
            }
        }

        return reason;
    }

    string? Loop(NodeProto node, ShapeTable table, KnownValue?[] inputs)
    {
        if (!node.TryGetGraph("body", out var body)) return $"{node.Place()}: expected a body.";
        int states = Math.Max(inputs.Length - 2, 0);
        if (body.Input.Count != states + 2) return $"{node.Place()}: expected {states + 2} inputs of its body, found {body.Input.Count}.";

        // Without a fixed count, or with a condition that is given or that the body computes, nobody knows how often the body runs.
        long? trips = inputs.ElementAtOrDefault(0)?.Integers is [var stated, ..] ? Math.Max(stated, 0) : null;
        if (node.InputOrEmpty(1).Length > 0)
        {
            trips = inputs[1]?.Integers switch
            {
                [0, ..] => 0,
                [_, ..] => trips,
                _ => null,
            };
        }

        var inner = table.AddSubgraph(body, trips);
        inner.Add(body.Input[0].Name, new KnownValue(new ValueShape(ElementType.Int64, [])));
        inner.Add(body.Input[1].Name, new KnownValue(new ValueShape(ElementType.Bool, [])));
        for (int i = 0; i < states; i++)
        {
            if (inputs[i + 2] is { } state) inner.Add(body.Input[i + 2].Name, new KnownValue(state.Shape));
        }

        walk(body, inner);
        if (trips > 0 && !IsTrue(body, inner)) inner.Runs = trips = null;
        for (int i = 0; i < states; i++)
        {
            if (Result(body, inner, i + 1) is not { } after) return inner.WhyUnknown(OutputName(body, i + 1));
            if (after.Shape != inputs[i + 2]?.Shape) return $"{node.Place()}: its body changes a state from {inputs[i + 2]?.Shape} to {after.Shape}.";
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length == 0) continue;
            if (Result(body, inner, i + 1) is not { } value) return inner.WhyUnknown(OutputName(body, i + 1));
            if (i >= states && trips is null) return $"{node.Place()}: how often its body runs depends on data.";
            table.Add(node.Output[i], i < states ? new KnownValue(value.Shape) : Collected(value, trips!.Value));
        }

        return null;
    }

    string? Scan(NodeProto node, ShapeTable table, KnownValue?[] inputs)
    {
        if (!node.TryGetGraph("body", out var body)) return $"{node.Place()}: expected a body.";
        int scanned = (int)Math.Clamp(node.GetInt("num_scan_inputs", 1), 0, inputs.Length);
        int states = inputs.Length - scanned;
        if (_isOld || node.GetInts("scan_input_axes")?.Any(axis => axis != 0) == true || node.GetInts("scan_output_axes")?.Any(axis => axis != 0) == true)
        {
            return $"{node.Place()}: scans along other axes than the first, which has no rule.";
        }

        if (body.Input.Count != inputs.Length) return $"{node.Place()}: expected {inputs.Length} inputs of its body, found {body.Input.Count}.";
        if (inputs.Skip(states).FirstOrDefault()?.Shape.Dimensions is not { Length: > 0 } first) return $"{node.Place()}: expected something to scan.";
        var inner = table.AddSubgraph(body, first[0]);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } input) continue;
            var dims = input.Shape.Dimensions;
            inner.Add(body.Input[i].Name, new KnownValue(input.Shape with { Dimensions = i < states || dims.Length == 0 ? dims : dims[1..] }));
        }

        walk(body, inner);
        for (int i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length == 0) continue;
            if (Result(body, inner, i) is not { } value) return inner.WhyUnknown(OutputName(body, i));
            if (i < states && value.Shape != inputs[i]?.Shape) return $"{node.Place()}: its body changes a state from {inputs[i]?.Shape} to {value.Shape}.";
            table.Add(node.Output[i], i < states ? new KnownValue(value.Shape) : Collected(value, first[0]));
        }

        return null;
    }

    static bool IsTrue(GraphProto body, ShapeTable inner)
    {
        string condition = OutputName(body, 0);
        string given = body.Input[1].Name;
        return condition == given || inner.Find(condition)?.Integers?.FirstOrDefault() == 1
            || body.Node.Any(node => node.FirstOutput() == condition && node.IsStandard("Identity") && node.InputOrEmpty(0) == given);
    }

    static KnownValue Collected(KnownValue value, long trips)
    {
        var shape = new ValueShape(value.Shape.ElementType, [trips, .. value.Shape.Dimensions]);
        return Tensor.TryCount(shape.Dimensions.AsSpan(), out _) ? new KnownValue(shape) : throw new OnnxModelException($"A loop would collect {shape}.");
    }

    static KnownValue? Result(GraphProto body, ShapeTable inner, int output) => output < body.Output.Count ? inner.Find(body.Output[output].Name) : null;

    static string OutputName(GraphProto body, int output) => output < body.Output.Count ? body.Output[output].Name : "";
}
