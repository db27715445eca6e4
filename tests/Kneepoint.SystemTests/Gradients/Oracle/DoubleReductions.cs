using Op = System.Func<Kneepoint.SystemTests.Gradients.Oracle.DoubleNode, Kneepoint.SystemTests.Gradients.Oracle.DoubleTensor[]>;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Reductions over axes, and normalizations, which are made of them.</summary>
static class DoubleReductions
{
    public static void AddTo(Dictionary<string, Op> known)
    {
        Add("ReduceSum", values => values.Sum());
        Add("ReduceMean", values => values.Average());
        Add("ReduceMax", values => values.Max());
        Add("ReduceMin", values => values.Min());
        Add("ReduceSumSquare", values => values.Sum(x => x * x));
        Add("ReduceL2", values => Math.Sqrt(values.Sum(x => x * x)));
        Add("ReduceL1", values => values.Sum(Math.Abs));
        Add("ReduceLogSum", values => Math.Log(values.Sum()));
        Add("ReduceLogSumExp", values => Math.Log(values.Sum(Math.Exp)));
        known.Add("Softmax", node => [Softmax(node)]);
        known.Add("LogSoftmax", node => [Softmax(node).Map(Math.Log)]);
        known.Add("BatchNormalization", BatchNormalization);
        known.Add("LayerNormalization", LayerNormalization);
        known.Add("LRN", LocalResponse);
        known.Add("GlobalAveragePool", node => [Reduce(node.X, [.. Enumerable.Range(2, node.X.Rank - 2)], values => values.Average())]);
        known.Add("GlobalMaxPool", node => [Reduce(node.X, [.. Enumerable.Range(2, node.X.Rank - 2)], values => values.Max())]);

        void Add(string name, Func<List<double>, double> function) => known.Add(name, node => [Reduce(node, function)]);
    }

    static DoubleTensor Reduce(DoubleNode node, Func<List<double>, double> function)
    {
        int[]? axes = node.List("axes", 1);
        bool isEmpty = axes is null or [];
        if (isEmpty && node.Int("noop_with_empty_axes", 0) != 0) return node.X;
        axes = isEmpty ? [.. Enumerable.Range(0, node.X.Rank)] : [.. axes!.Select(axis => node.X.Axis(axis))];
        var kept = Reduce(node.X, axes, function);
        return node.Int("keepdims", 1) != 0 ? kept : kept.Reshape([.. kept.Dims.Where((_, axis) => !axes.Contains(axis))]);
    }

    /// <summary>Reduces with axes of size 1 left in place.</summary>
    static DoubleTensor Reduce(DoubleTensor x, int[] axes, Func<List<double>, double> function)
    {
        int[] dims = [.. x.Dims.Select((size, axis) => axes.Contains(axis) ? 1 : size)], strides = DoubleTensor.StridesOf(dims);
        var groups = new List<double>[DoubleTensor.Count(dims)];
        int i = 0;
        foreach (int[] index in DoubleTensor.Indices(x.Dims))
        {
            int group = index.Select((at, axis) => dims[axis] == 1 ? 0 : at * strides[axis]).Sum();
            (groups[group] ??= []).Add(x.Data[i++]);
        }

        return new DoubleTensor(dims, [.. groups.Select(function)]);
    }

    // Before set 13 all axes from the given one on were one.
    static DoubleTensor Softmax(DoubleNode node)
    {
        int axis = node.X.Axis(node.Int("axis", node.Opset < 13 ? 1 : -1));
        int[] axes = node.Opset < 13 ? [.. Enumerable.Range(axis, node.X.Rank - axis)] : [axis];
        var exponential = node.X.Map(Math.Exp);
        return DoubleTensor.Zip(exponential, Reduce(exponential, axes, values => values.Sum()), (a, b) => a / b);
    }

    static DoubleTensor[] BatchNormalization(DoubleNode node)
    {
        double epsilon = node.Float("epsilon", 1e-5f);
        int channels = node.X.Dims[1], size = node.X.Data.Length / channels / node.X.Dims[0];
        double At(int input, int c) => node.At(input)!.Data[c];
        double[] data = [.. node.X.Data.Select((x, i) => (x, c: i / size % channels)).Select(p => (p.x - At(3, p.c)) / Math.Sqrt(At(4, p.c) + epsilon) * At(1, p.c) + At(2, p.c))];
        return [node.X with { Data = data }];
    }

    static DoubleTensor[] LayerNormalization(DoubleNode node)
    {
        int axis = node.X.Axis(node.Int("axis", -1));
        int[] axes = [.. Enumerable.Range(axis, node.X.Rank - axis)];
        double epsilon = node.Float("epsilon", 1e-5f);
        var centered = DoubleTensor.Zip(node.X, Reduce(node.X, axes, values => values.Average()), (a, b) => a - b);
        var variance = Reduce(centered, axes, values => values.Average(x => x * x));
        var scaled = DoubleTensor.Zip(DoubleTensor.Zip(centered, variance, (a, b) => a / Math.Sqrt(b + epsilon)), node.At(1)!, (a, b) => a * b);
        return [node.At(2) is { } bias ? DoubleTensor.Zip(scaled, bias, (a, b) => a + b) : scaled];
    }

    static DoubleTensor[] LocalResponse(DoubleNode node)
    {
        int size = (int)node.Int("size", 1), channels = node.X.Dims[1], inner = node.X.Data.Length / node.X.Dims[0] / channels;
        double[] data = new double[node.X.Data.Length];
        for (int i = 0; i < data.Length; i++)
        {
            int c = i / inner % channels;
            double squares = 0;
            for (int j = Math.Max(0, c - (size - 1) / 2); j <= Math.Min(channels - 1, c + size / 2); j++) squares += Math.Pow(node.X.Data[i + (j - c) * inner], 2);
            data[i] = node.X.Data[i] / Math.Pow(node.Float("bias", 1) + node.Float("alpha", 1e-4f) / size * squares, node.Float("beta", 0.75f));
        }

        return [node.X with { Data = data }];
    }
}
