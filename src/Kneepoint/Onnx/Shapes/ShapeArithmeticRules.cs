using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Operators that networks compute shapes with: small fixed tensors are computed along.</summary>
static class ShapeArithmeticRules
{
    public static void AddTo(Dictionary<string, Action<NodeShapes>> rules)
    {
        rules.Add("Add", node => Calculate(node, (a, b) => a + b, (a, b) => a + b));
        rules.Add("Sub", node => Calculate(node, (a, b) => a - b, (a, b) => a - b));
        rules.Add("Mul", node => Calculate(node, (a, b) => a * b, (a, b) => a * b));
        rules.Add("Div", node => Calculate(node, (a, b) => b == 0 || (a == long.MinValue && b == -1) ? null : a / b, (a, b) => a / b));
        rules.Add("Mod", node => Calculate(node, (a, b) => b == 0 || b == -1 ? null : node.Node.GetInt("fmod", 0) != 0 ? a % b : (a % b + b) % b, null));
        rules.Add("Min", node => Calculate(node, (a, b) => Math.Min(a, b), Math.Min));
        rules.Add("Max", node => Calculate(node, (a, b) => Math.Max(a, b), Math.Max));
        rules.Add("Pow", node => Calculate(node, null, Math.Pow));
        rules.Add("Equal", node => Compare(node, (a, b) => a == b, (a, b) => a == b));
        rules.Add("Less", node => Compare(node, (a, b) => a < b, (a, b) => a < b));
        rules.Add("Greater", node => Compare(node, (a, b) => a > b, (a, b) => a > b));
        rules.Add("LessOrEqual", node => Compare(node, (a, b) => a <= b, (a, b) => a <= b));
        rules.Add("GreaterOrEqual", node => Compare(node, (a, b) => a >= b, (a, b) => a >= b));
        rules.Add("And", node => Compare(node, (a, b) => a != 0 && b != 0, null));
        rules.Add("Or", node => Compare(node, (a, b) => a != 0 || b != 0, null));
        rules.Add("Not", node => node.Out(0, ElementType.Bool, node.Dims(0), node.In(0).Integers?.Select(a => a == 0 ? 1L : 0).ToArray()));
        rules.Add("Neg", node => Map(node, a => -a, a => -a));
        rules.Add("Abs", node => Map(node, a => a == long.MinValue ? a : Math.Abs(a), Math.Abs));
        rules.Add("Floor", node => Map(node, null, Math.Floor));
        rules.Add("Ceil", node => Map(node, null, Math.Ceiling));
        rules.Add("Identity", node => node.Out(0, node.In(0)));
        rules.Add("Cast", node => Cast(node, (ElementType)node.Node.GetInt("to", 0)));
        rules.Add("CastLike", node => Cast(node, node.Type(1)));
        rules.Add("Shape", Shape);
        rules.Add("Size", node => node.Out(0, ElementType.Int64, [], [node.In(0).Shape.ElementCount]));
        rules.Add("ConstantOfShape", ConstantOfShape);
        rules.Add("Range", Range);
        rules.Add("Where", Where);
        foreach (string name in new[]
        {
            "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare",
        })
        {
            rules.Add(name, Reduce);
        }

        foreach (string name in new[] { "ArgMax", "ArgMin" }) rules.Add(name, ArgumentOfExtreme);
    }

    static void Calculate(NodeShapes node, Func<long, long, long?>? integers, Func<double, double, double>? reals)
    {
        long[] dims = ElementwiseRules.Common(node);
        long[]? known = integers is null ? null : Fold(node, dims, value => value.Integers, (a, b) => integers(a, b));
        double[]? numbers = reals is null ? null : Fold(node, dims, value => value.Reals, (a, b) => (double?)reals(a, b));
        node.Out(0, node.Type(0), dims, known, numbers);
    }

    static void Compare(NodeShapes node, Func<long, long, bool> integers, Func<double, double, bool>? reals)
    {
        long[] dims = ElementwiseRules.Common(node);
        long[]? known = Fold(node, dims, value => value.Integers, (a, b) => (long?)(integers(a, b) ? 1 : 0));
        if (known is null && reals is not null)
        {
            known = Fold(node, dims, value => value.Reals, (a, b) => (double?)(reals(a, b) ? 1 : 0))?.Select(x => (long)x).ToArray();
        }

        node.Out(0, ElementType.Bool, dims, known);
    }

    // All inputs stretched and combined from the left; null where one is not known or a result has no value.
    static T[]? Fold<T>(NodeShapes node, long[] dims, Func<KnownValue, T[]?> read, Func<T, T, T?> combine) where T : struct
    {
        if (!Tensor.TryCount(dims, out long count) || count > KnownValue.MostElements) return null;
        T[]? result = null;
        for (int i = 0; i < node.InputCount; i++)
        {
            if (!node.Has(i)) continue;
            if (read(node.In(i)) is not { } values) return null;
            var next = Broadcast.Elements(values, node.Dims(i), dims);
            if (result is null)
            {
                result = next;
                continue;
            }

            for (int k = 0; k < next.Length; k++)
            {
                if (combine(result[k], next[k]) is not { } value) return null;
                result[k] = value;
            }
        }

        return result;
    }

    static void Map(NodeShapes node, Func<long, long>? integers, Func<double, double> reals) => node.Out(0, node.Type(0), node.Dims(0),
        integers is null ? null : node.In(0).Integers?.Select(integers).ToArray(), node.In(0).Reals?.Select(reals).ToArray());

    static void Cast(NodeShapes node, ElementType type)
    {
        var value = node.In(0);
        bool isReal = type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;
        long[]? integers = value.Integers;
        double[]? reals = value.Reals;
        if (isReal) (integers, reals) = (null, reals ?? integers?.Select(x => (double)x).ToArray());
        else if (type == ElementType.Bool) (integers, reals) = (integers?.Select(x => x != 0 ? 1L : 0).ToArray() ?? reals?.Select(x => x != 0 ? 1L : 0).ToArray(), null);
        else if (reals is not null && reals.All(x => Math.Abs(x) < long.MaxValue / 2)) (integers, reals) = ([.. reals.Select(x => (long)x)], null);
        else reals = null;
        node.Out(0, type, node.Dims(0), integers, reals);
    }

    static void Shape(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        int start = Bound(node.Node.GetInt("start", 0), dims.Length), end = Bound(node.Node.GetInt("end", long.MaxValue), dims.Length);
        long[] taken = start < end ? dims[start..end] : [];
        node.Out(0, ElementType.Int64, [taken.Length], taken);
    }

    static int Bound(long place, int rank) => (int)Math.Clamp(place < 0 ? place + rank : place, 0, rank);

    static void ConstantOfShape(NodeShapes node)
    {
        long[] dims = node.NeededIntegers(0);
        var type = ElementType.Float32;
        double value = 0;
        if (node.Node.TryGetTensor("value", out var tensor))
        {
            type = TensorData.TypeOf(tensor);
            var read = TensorData.Read(tensor, new OnnxModel(new Protocol.ModelProto { Graph = new Protocol.GraphProto() }));
            value = type switch
            {
                ElementType.Float32 => read.Values<float>()[0],
                ElementType.Int64 => read.Values<long>()[0],
                ElementType.Int32 => read.Values<int>()[0],
                ElementType.Bool => read.Values<byte>()[0],
                _ => double.NaN,
            };
        }

        bool isKnown = Tensor.TryCount(dims, out long count) && count <= KnownValue.MostElements && !double.IsNaN(value);
        bool isReal = type == ElementType.Float32;
        node.Out(0, type, dims, isKnown && !isReal ? [.. Enumerable.Repeat((long)value, (int)count)] : null,
            isKnown && isReal ? [.. Enumerable.Repeat(value, (int)count)] : null);
    }

    static void Range(NodeShapes node)
    {
        double[] bounds = [.. Enumerable.Range(0, 3).Select(i => node.In(i).Integers?.FirstOrDefault() ?? node.In(i).Reals?.FirstOrDefault()
            ?? throw node.Stop($"the shape of its output depends on the data of its input {i}"))];
        if (bounds[2] == 0) throw node.Stop("expected a step other than 0");
        double count = Math.Max(Math.Ceiling((bounds[1] - bounds[0]) / bounds[2]), 0);
        if (count > int.MaxValue) throw node.Stop($"would make {count:R} elements");
        bool isKnown = count <= KnownValue.MostElements && node.In(0).Integers is not null;
        node.Out(0, node.Type(0), [(long)count], isKnown ? [.. Enumerable.Range(0, (int)count).Select(i => (long)bounds[0] + i * (long)bounds[2])] : null);
    }

    static void Where(NodeShapes node)
    {
        long[] dims = Broadcast.Of(node.Dims(0), node.Dims(1), node.Dims(2)) ?? throw node.Stop("expected shapes that broadcast together");
        long[]? values = null;
        if (Tensor.TryCount(dims, out long count) && count <= KnownValue.MostElements
            && node.In(0).Integers is { } choice && node.In(1).Integers is { } yes && node.In(2).Integers is { } no)
        {
            long[] left = Broadcast.Elements(yes, node.Dims(1), dims), right = Broadcast.Elements(no, node.Dims(2), dims);
            values = [.. Broadcast.Elements(choice, node.Dims(0), dims).Select((c, i) => c != 0 ? left[i] : right[i])];
        }

        node.Out(0, node.Type(1), dims, values);
    }

    static void Reduce(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        long[]? axes = node.ListOf("axes", 1);
        bool isKept = node.Node.GetInt("keepdims", 1) != 0;
        if (axes is null or { Length: 0 })
        {
            if (node.Node.GetInt("noop_with_empty_axes", 0) != 0)
            {
                node.Out(0, node.In(0));
                return;
            }

            axes = [.. Enumerable.Range(0, dims.Length)];
        }

        var reduced = axes.Select(axis => node.Axis(axis, dims.Length)).ToHashSet();
        long[] result = isKept
            ? [.. dims.Select((size, i) => reduced.Contains(i) ? 1 : size)]
            : [.. dims.Where((_, i) => !reduced.Contains(i))];
        node.Out(0, node.Type(0), result, reduced.Count == dims.Length ? ReduceAll(node) : null);
    }

    static long[]? ReduceAll(NodeShapes node)
    {
        if (node.In(0).Integers is not { Length: > 0 } values) return null;
        return node.Node.OpType switch
        {
            "ReduceProd" => [values.Aggregate(1L, (a, b) => a * b)],
            "ReduceSum" => [values.Sum()],
            "ReduceMax" => [values.Max()],
            "ReduceMin" => [values.Min()],
            _ => null,
        };
    }

    static void ArgumentOfExtreme(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        int axis = node.Axis(node.Node.GetInt("axis", 0), dims.Length);
        node.Out(0, ElementType.Int64, node.Node.GetInt("keepdims", 1) != 0
            ? [.. dims.Select((size, i) => i == axis ? 1 : size)]
            : [.. dims.Where((_, i) => i != axis)]);
    }
}
