using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>Which steps an operator becomes.</summary>
/// <remarks>
/// Linear: Conv over one or two axes, Gemm, MatMul with a fixed second input. Of each element, never falling: Relu, Clip, LeakyRelu, Elu, Sigmoid, HardSigmoid, Tanh.
/// Of two: Add, Sub, Mul, and Div by a constant. BatchNormalization as it is used after training, a product and a sum. Pools: MaxPool, AveragePool, GlobalMaxPool,
/// GlobalAveragePool, ReduceMean, ReduceSum. Moves: Flatten, Reshape, Squeeze, Unsqueeze, Identity, Dropout, Transpose, Slice, Pad, Concat.
/// Everything else has no rule, and is never guessed.
/// </remarks>
static class IntervalRules
{
    // BatchNormalization folds in binary64 with a handful of operations.
    const double FoldingError = 16 * Outward.UnitRoundoff;

    static readonly Dictionary<string, Action<IntervalGraph, NodeProto>> Rules = new(StringComparer.Ordinal)
    {
        ["Conv"] = Convolution,
        ["Gemm"] = Gemm,
        ["MatMul"] = Product,
        ["Add"] = Sum,
        ["Sub"] = (graph, node) => Binary(graph, node, BinaryKind.Subtract),
        ["Mul"] = (graph, node) => Binary(graph, node, BinaryKind.Multiply),
        ["Div"] = Quotient,
        ["BatchNormalization"] = Normalization,
        ["Relu"] = (graph, node) => Unary(graph, node, MonotoneStep.Clip(0, double.PositiveInfinity)),
        ["Clip"] = Clip,
        ["LeakyRelu"] = (graph, node) => Unary(graph, node, MonotoneStep.LeakyRelu(Rising(node, node.GetFloat("alpha", 0.01f)))),
        ["Elu"] = (graph, node) => Unary(graph, node, MonotoneStep.Elu(Rising(node, node.GetFloat("alpha", 1)))),
        ["Sigmoid"] = (graph, node) => Unary(graph, node, MonotoneStep.Sigmoid),
        ["HardSigmoid"] = (graph, node) => Unary(graph, node, MonotoneStep.HardSigmoid(Rising(node, node.GetFloat("alpha", 0.2f)), node.GetFloat("beta", 0.5f))),
        ["Tanh"] = (graph, node) => Unary(graph, node, MonotoneStep.Tanh),
        ["MaxPool"] = (graph, node) => Pool(graph, node, isMean: false),
        ["AveragePool"] = (graph, node) => Pool(graph, node, isMean: true),
        ["GlobalMaxPool"] = (graph, node) => GlobalPool(graph, node, isMean: false),
        ["GlobalAveragePool"] = (graph, node) => GlobalPool(graph, node, isMean: true),
        ["ReduceMean"] = (graph, node) => Reduction(graph, node, isMean: true),
        ["ReduceSum"] = (graph, node) => Reduction(graph, node, isMean: false),
        ["Flatten"] = Same,
        ["Reshape"] = Same,
        ["Squeeze"] = Same,
        ["Unsqueeze"] = Same,
        ["Identity"] = Same,
        ["Dropout"] = Dropout,
        ["Transpose"] = Numbered,
        ["Slice"] = Numbered,
        ["Pad"] = Padding,
        ["Concat"] = Joint,
    };

    /// <summary>The values whose intervals a node takes; its other inputs are constants that shape it.</summary>
    public static IEnumerable<string> Operands(NodeProto node) => node.OpType is "Add" or "Sub" or "Mul" or "Div" or "Concat" ? node.Input : node.Input.Take(1);

    /// <summary>Adds the steps of a node.</summary>
    /// <exception cref="OnnxModelException">The node has no rule, or not in the form that it has here.</exception>
    public static void Add(IntervalGraph graph, NodeProto node)
    {
        if (!node.IsStandard() || !Rules.TryGetValue(node.OpType, out var rule)) throw IntervalGraph.Stop(node, "the operator has no rule for intervals");
        rule(graph, node);
    }

    static void Convolution(IntervalGraph graph, NodeProto node)
    {
        var layer = graph.Layer(node);
        long[] x = graph.Shape(node.InputOrEmpty(0)), w = [.. layer.WeightDimensions], y = graph.Shape(node.FirstOutput());
        if (layer.WeightInput != 1) throw IntervalGraph.Stop(node, "has its weight in another place");
        var (down, across) = PlacesOf(graph, node, x, y, w.AsSpan(2));
        int outputs = (int)w[0];
        var step = new ConvolutionStep(layer.Id, graph.Weights(layer), Bias(graph, node, 2, outputs), (int)x[1], outputs, (int)layer.Group, down, across);
        graph.Count(node);
        graph.Add(step, node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static void Gemm(IntervalGraph graph, NodeProto node)
    {
        var layer = graph.Layer(node);
        if (layer.WeightInput != 1 || node.GetInt("transA", 0) != 0) throw IntervalGraph.Stop(node, "transposes what it is fed, which has no rule for intervals");
        var (inputs, outputs) = ((int)layer.ReductionLength, (int)layer.OutputChannels);
        float[] weights = graph.Weights(layer);
        if (node.GetInt("transB", 0) != 0) weights = Transposed(weights, outputs, inputs);
        AddDense(graph, node, new DenseStep(layer.Id, weights, outputs, node.GetFloat("alpha", 1), node.GetFloat("beta", 1)) { Bias = Bias(graph, node, 2, outputs) });
    }

    static void Product(IntervalGraph graph, NodeProto node)
    {
        var layer = graph.Layer(node);
        if (layer.WeightInput != 1 || layer.WeightDimensions.Count != 2) throw IntervalGraph.Stop(node, "has no matrix as its second input");
        AddDense(graph, node, new DenseStep(layer.Id, graph.Weights(layer), (int)layer.OutputChannels, 1, 1));
    }

    static void AddDense(IntervalGraph graph, NodeProto node, DenseStep step)
    {
        graph.Count(node);
        IntervalGraph.Count(node, graph.Shape(node.InputOrEmpty(0)));
        graph.Add(step, node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static float[] Transposed(float[] matrix, int rows, int columns)
    {
        float[] result = new float[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
        }

        return result;
    }

    // One number for each output; a scalar stands for all of them.
    static double[]? Bias(IntervalGraph graph, NodeProto node, int input, int outputs)
    {
        string name = node.InputOrEmpty(input);
        if (name.Length == 0) return null;
        double[] bias = graph.Constant(node, name) ?? throw IntervalGraph.Stop(node, "has a bias that is not fixed");
        if (bias.Length == 1) return [.. Enumerable.Repeat(bias[0], outputs)];
        if (bias.Length != outputs || graph.Shape(name)[^1] != outputs) throw IntervalGraph.Stop(node, "has a bias that is not one number for each output");
        return bias;
    }

    // The bias of a product is written as a sum behind it.
    static void Sum(IntervalGraph graph, NodeProto node)
    {
        for (int own = 0; own < 2; own++)
        {
            string product = node.InputOrEmpty(own), bias = node.InputOrEmpty(1 - own);
            if (!graph.IsConstant(bias) || graph.IsConstant(product) || graph.Index.Consumers(product).Count != 1 || graph.Index.IsGraphOutput(product)) continue;
            int slot = graph.Slot(node, product);
            if (graph.Maker(slot) is not { Step: DenseStep { Bias: null } dense } || graph.Index.Producer(product)?.OpType != "MatMul") continue;
            if (graph.Shape(bias) is not { Length: > 0 } shape || shape[^1] != dense.Outputs || shape[..^1].Any(size => size != 1)) continue;
            if (graph.Count(node) != IntervalGraph.Count(node, graph.Shape(product))) continue;
            dense.Bias = graph.Constant(node, bias);
            graph.Alias(node.FirstOutput(), slot);
            return;
        }

        Binary(graph, node, BinaryKind.Add);
    }

    static void Binary(IntervalGraph graph, NodeProto node, BinaryKind kind) =>
        AddBinary(graph, node, kind, graph.Slot(node, node.InputOrEmpty(0)), graph.Slot(node, node.InputOrEmpty(1)));

    static void AddBinary(IntervalGraph graph, NodeProto node, BinaryKind kind, int left, int right)
    {
        long[] shape = graph.Shape(node.FirstOutput());
        var step = new BinaryStep(kind, graph.Count(node), Stretch(graph.Shape(node.Input[0]), shape), Stretch(graph.Shape(node.Input[1]), shape));
        graph.Add(step, node.FirstOutput(), left, right);
    }

    static int[]? Stretch(long[] from, long[] to)
    {
        long count = from.Aggregate(1L, (product, size) => product * size);
        return count == to.Aggregate(1L, (product, size) => product * size) ? null : Broadcast.Elements(Enumerable.Range(0, (int)count).ToArray(), from, to);
    }

    static void Quotient(IntervalGraph graph, NodeProto node)
    {
        double[] divisor = graph.Constant(node, node.InputOrEmpty(1)) ?? throw IntervalGraph.Stop(node, "divides by what is not fixed");
        var reciprocal = new Intervals(divisor.Length);
        for (int i = 0; i < divisor.Length; i++)
        {
            if (divisor[i] == 0 || !double.IsFinite(divisor[i])) throw IntervalGraph.Stop(node, $"divides by {divisor[i]}");
            reciprocal.Set(i, Math.BitDecrement(1 / divisor[i]), Math.BitIncrement(1 / divisor[i]));
        }

        int right = graph.Place(node.FirstOutput() + "/reciprocal", reciprocal.Center, reciprocal.Radius);
        AddBinary(graph, node, BinaryKind.Multiply, graph.Slot(node, node.InputOrEmpty(0)), right);
    }

    // y = x·s + t with s = scale ÷ √(variance + ε) and t = shift − mean·s.
    static void Normalization(IntervalGraph graph, NodeProto node)
    {
        if (node.GetInt("training_mode", 0) != 0) throw IntervalGraph.Stop(node, "is in training");
        double[][] parts = [.. Enumerable.Range(1, 4).Select(i =>
            graph.Constant(node, node.InputOrEmpty(i)) ?? throw IntervalGraph.Stop(node, "has parameters that are not fixed"))];
        long[] shape = graph.Shape(node.FirstOutput());
        if (shape.Length < 2 || parts.Any(part => part.Length != shape[1])) throw IntervalGraph.Stop(node, "has not one parameter for each channel");
        double epsilon = node.GetFloat("epsilon", 1e-5f);
        Intervals factor = new(parts[0].Length), shift = new(parts[0].Length);
        for (int c = 0; c < parts[0].Length; c++)
        {
            double s = parts[0][c] / Math.Sqrt(parts[3][c] + epsilon), moved = parts[2][c] * s;
            if (!double.IsFinite(s)) throw IntervalGraph.Stop(node, "has a variance that is not positive");
            (factor.Center[c], factor.Radius[c]) = (s, FoldingError * Math.Abs(s));
            (shift.Center[c], shift.Radius[c]) = (parts[1][c] - moved, FoldingError * (Math.Abs(parts[1][c]) + Math.Abs(moved)));
        }

        string stem = node.FirstOutput();
        int[] channels = Broadcast.Elements(Enumerable.Range(0, parts[0].Length).ToArray(), [shape[1], .. shape.Skip(2).Select(_ => 1L)], shape);
        int scaled = graph.Add(new BinaryStep(BinaryKind.Multiply, graph.Count(node), null, channels), stem + "/scaled",
            graph.Slot(node, node.Input[0]), graph.Place(stem + "/factor", factor.Center, factor.Radius));
        graph.Add(new BinaryStep(BinaryKind.Add, channels.Length, null, channels), stem, scaled, graph.Place(stem + "/shift", shift.Center, shift.Radius));
    }

    static void Unary(IntervalGraph graph, NodeProto node, MonotoneStep step) => graph.Add(step, node.FirstOutput(), graph.Slot(node, node.InputOrEmpty(0)));

    static double Rising(NodeProto node, float slope) => slope >= 0 ? slope : throw IntervalGraph.Stop(node, $"has the negative slope {slope}");

    static void Clip(IntervalGraph graph, NodeProto node)
    {
        Unary(graph, node, MonotoneStep.Clip(Limit(1, "min", float.MinValue, double.NegativeInfinity), Limit(2, "max", float.MaxValue, double.PositiveInfinity)));

        double Limit(int input, string attribute, float none, double unlimited)
        {
            string name = node.InputOrEmpty(input);
            if (name.Length == 0) return node.GetFloat(attribute, none) is var limit && limit == none ? unlimited : limit;
            return graph.Constant(node, name) is [double given] ? given : throw IntervalGraph.Stop(node, "has a limit that is not fixed");
        }
    }

    static void Pool(IntervalGraph graph, NodeProto node, bool isMean)
    {
        bool countsPadding = node.GetInt("count_include_pad", 0) != 0;
        if (isMean && countsPadding && node.GetInt("ceil_mode", 0) != 0)
        {
            throw IntervalGraph.Stop(node, "counts padding and rounds its size up, which runtimes do not agree about");
        }

        var (down, across) = PlacesOf(graph, node, graph.Shape(node.InputOrEmpty(0)), graph.Shape(node.FirstOutput()), node.GetInts("kernel_shape"));
        graph.Count(node);
        graph.Add(new PoolStep(isMean, countsPadding, down, across), node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static (Places Down, Places Across) PlacesOf(IntervalGraph graph, NodeProto node, long[] x, long[] y, ReadOnlySpan<long> kernel)
    {
        IntervalGraph.Count(node, x);
        if (x.Length is not (3 or 4)) throw IntervalGraph.Stop(node, $"has a window over {x.Length - 2} axes");
        var window = Window.Of(new NodeShapes(node, Opsets.Version(graph.Model.Proto), []), x.Length - 2, kernel);
        var across = Places.Of(window, x.Length - 3, x[^1], y[^1]);
        return (x.Length == 3 ? Places.One : Places.Of(window, 0, x[2], y[2]), across);
    }

    static void GlobalPool(IntervalGraph graph, NodeProto node, bool isMean)
    {
        long[] x = graph.Shape(node.InputOrEmpty(0));
        int size = IntervalGraph.Count(node, x) / IntervalGraph.Count(node, x.AsSpan(0, 2));
        graph.Add(new PoolStep(isMean, false, Places.One, new Places(size, 1, size, 1, 1, 0, 0)), node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static void Reduction(IntervalGraph graph, NodeProto node, bool isMean)
    {
        long[] x = graph.Shape(node.InputOrEmpty(0));
        bool isGiven = node.InputOrEmpty(1).Length > 0;
        long[]? axes = isGiven ? graph.Shapes.Find(node.Input[1])?.Integers ?? throw IntervalGraph.Stop(node, "has axes that are not fixed") : node.GetInts("axes");
        if (axes is null or [])
        {
            if (node.GetInt("noop_with_empty_axes", 0) != 0) throw IntervalGraph.Stop(node, "reduces no axis");
            axes = [.. Enumerable.Range(0, x.Length)];
        }

        var reduced = axes.Select(axis => axis < 0 ? axis + x.Length : axis).ToHashSet();
        int[] targets = new int[IntervalGraph.Count(node, x)];
        for (int i = 0; i < targets.Length; i++)
        {
            int rest = i, target = 0, stride = 1;
            for (int axis = x.Length - 1; axis >= 0; axis--)
            {
                int index = rest % (int)x[axis];
                rest /= (int)x[axis];
                if (reduced.Contains(axis)) continue;
                target += index * stride;
                stride *= (int)x[axis];
            }

            targets[i] = target;
        }

        graph.Add(new MeanStep(targets, graph.Count(node), isMean), node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static void Same(IntervalGraph graph, NodeProto node)
    {
        graph.Count(node);
        graph.Alias(node.FirstOutput(), graph.Slot(node, node.InputOrEmpty(0)));
    }

    static void Dropout(IntervalGraph graph, NodeProto node)
    {
        if (node.InputOrEmpty(2) is { Length: > 0 } training && graph.Shapes.Find(training)?.Integers is not [0]) throw IntervalGraph.Stop(node, "may be in training");
        Same(graph, node);
    }

    // The rule of the shape, given the numbers of the elements in place of small integers, tells where each element goes.
    static void Numbered(IntervalGraph graph, NodeProto node)
    {
        int count = IntervalGraph.Count(node, graph.Shape(node.InputOrEmpty(0)));
        KnownValue?[] inputs = [.. node.Input.Select(graph.Shapes.Find)];
        inputs[0] = inputs[0]! with { Integers = [.. Enumerable.Range(0, count)] };
        var shapes = new NodeShapes(node, Opsets.Version(graph.Model.Proto), inputs);
        ShapeRules.Find(node)!(shapes);
        long[] sources = shapes.Outputs[0]?.Integers ?? throw IntervalGraph.Stop(node, "moves elements by what is not fixed");
        graph.Count(node);
        graph.Add(new MoveStep([.. sources.Select(source => (int)source)]), node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static void Padding(IntervalGraph graph, NodeProto node)
    {
        long[] x = graph.Shape(node.InputOrEmpty(0)), y = graph.Shape(node.FirstOutput());
        long[]? pads = node.InputOrEmpty(1) is { Length: > 0 } given ? graph.Shapes.Find(given)?.Integers : node.GetInts("pads");
        if (node.GetString("mode", "constant") != "constant" || node.InputOrEmpty(3).Length > 0 || pads is null || pads.Length != 2 * x.Length)
        {
            throw IntervalGraph.Stop(node, "pads in a way that has no rule for intervals");
        }

        double filling = node.InputOrEmpty(2) is { Length: > 0 } value
            ? graph.Constant(node, value) is [double fixedValue] ? fixedValue : throw IntervalGraph.Stop(node, "pads with what is not fixed")
            : node.GetFloat("value", 0);
        int[] sources = new int[graph.Count(node)];
        for (int i = 0; i < sources.Length; i++)
        {
            long rest = i, source = 0, stride = 1;
            for (int axis = x.Length - 1; axis >= 0; axis--)
            {
                long index = rest % y[axis] - pads[axis];
                rest /= y[axis];
                source = index < 0 || index >= x[axis] || source < 0 ? -1 : source + index * stride;
                stride *= x[axis];
            }

            sources[i] = (int)source;
        }

        graph.Add(new MoveStep(sources, filling), node.FirstOutput(), graph.Slot(node, node.Input[0]));
    }

    static void Joint(IntervalGraph graph, NodeProto node)
    {
        long[][] shapes = [.. node.Input.Select(graph.Shape)];
        long given = node.GetInt("axis", 1);
        int axis = (int)(given < 0 ? given + shapes[0].Length : given);
        int outer = (int)shapes[0][..axis].Aggregate(1L, (product, size) => product * size);
        List<int> sources = new(graph.Count(node));
        int[] starts = new int[shapes.Length], widths = [.. shapes.Select(shape => IntervalGraph.Count(node, shape) / outer)];
        for (int part = 1; part < starts.Length; part++) starts[part] = starts[part - 1] + outer * widths[part - 1];
        for (int row = 0; row < outer; row++)
        {
            for (int part = 0; part < starts.Length; part++) sources.AddRange(Enumerable.Range(starts[part] + row * widths[part], widths[part]));
        }

        graph.Add(new MoveStep([.. sources]), node.FirstOutput(), [.. node.Input.Select(input => graph.Slot(node, input))]);
    }
}
