using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Operators that move, select or repeat elements.</summary>
static class MovementRules
{
    public static void AddTo(Dictionary<string, Action<NodeShapes>> rules)
    {
        rules.Add("Reshape", Reshape);
        rules.Add("Flatten", Flatten);
        rules.Add("Transpose", Transpose);
        rules.Add("Squeeze", Squeeze);
        rules.Add("Unsqueeze", Unsqueeze);
        rules.Add("Expand", Expand);
        rules.Add("Tile", Tile);
        foreach (string name in new[] { "Concat", "QLinearConcat" }) rules.Add(name, Concat);
        rules.Add("Split", Split);
        rules.Add("Slice", Slice);
        rules.Add("Pad", Pad);
        rules.Add("Gather", Gather);
        rules.Add("GatherBlockQuantized", GatherBlocks);
        rules.Add("GatherElements", node => node.Out(0, node.Type(0), node.Dims(1)));
        rules.Add("GatherND", GatherND);
        rules.Add("DepthToSpace", node => Blocks(node, spaceToDepth: false));
        rules.Add("SpaceToDepth", node => Blocks(node, spaceToDepth: true));
        rules.Add("OneHot", OneHot);
        rules.Add("TopK", TopK);
        rules.Add("Resize", Resize);
        rules.Add("Upsample", Resize);
        foreach (string name in new[] { "QLinearAdd", "QLinearMul" })
        {
            rules.Add(name, node => node.Out(0, node.Type(0), Broadcast.Of(node.Dims(0), node.Dims(3)) ?? throw node.Stop("expected shapes that broadcast together")));
        }

        foreach (string name in new[] { "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax" }) rules.Add(name, node => node.Out(0, node.Type(0), node.Dims(0)));
    }

    static void Reshape(NodeShapes node)
    {
        long[] from = node.Dims(0);
        long[] to = (long[])(node.ListOf("shape", 1) ?? throw node.Stop("expected a shape")).Clone();
        bool keepsZero = node.Node.GetInt("allowzero", 0) != 0;
        long product = 1;
        int free = -1;
        for (int i = 0; i < to.Length; i++)
        {
            if (to[i] == 0 && !keepsZero) to[i] = i < from.Length ? from[i] : throw node.Stop($"copies dimension {i} of a shape with {from.Length}");
            if (to[i] == -1) free = free < 0 ? i : throw node.Stop("leaves more than one dimension free");
            else if (to[i] < 0) throw node.Stop($"expected sizes of at least -1, found {to[i]}");
            else product = checked(product * to[i]);
        }

        long count = node.In(0).Shape.ElementCount;
        if (free >= 0) to[free] = product == 0 ? 0 : count / product;
        if ((free >= 0 ? product * to[free] : product) != count) throw node.Stop($"expected a shape of {count} elements, found [{string.Join(", ", to)}]");
        node.Out(0, node.Type(0), to, node.In(0).Integers, node.In(0).Reals);
    }

    static void Flatten(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        long axis = node.Node.GetInt("axis", 1);
        int split = axis == dims.Length ? dims.Length : node.Axis(axis, dims.Length);
        node.Out(0, node.Type(0), [Product(dims[..split]), Product(dims[split..])]);
    }

    static long Product(long[] sizes) => sizes.Aggregate(1L, (a, b) => checked(a * b));

    static void Transpose(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        long[] order = node.Node.GetInts("perm") ?? [.. Enumerable.Range(0, dims.Length).Reverse()];
        if (order.Length != dims.Length || order.Distinct().Count() != dims.Length) throw node.Stop($"expected an order of {dims.Length} dimensions, found [{string.Join(", ", order)}]");
        long[] result = [.. order.Select(axis => dims[node.Axis(axis, dims.Length)])];
        node.Out(0, node.Type(0), result, Pick(node.In(0).Integers, dims, result, (axis, index) => (node.Axis(order[axis], dims.Length), index)));
    }

    // The elements of the result; where tells for each of its axes which axis of the data it runs along, and at which index there.
    static long[]? Pick(long[]? data, long[] dims, long[] result, Func<int, long, (int Axis, long Index)> where)
    {
        if (data is null) return null;
        long[] strides = new long[dims.Length];
        for (long axis = dims.Length - 1, stride = 1; axis >= 0; stride *= dims[axis--]) strides[axis] = stride;
        long[] picked = new long[Product(result)];
        for (int target = 0; target < picked.Length; target++)
        {
            long rest = target, source = 0;
            for (int axis = result.Length - 1; axis >= 0; axis--)
            {
                var (from, index) = where(axis, rest % result[axis]);
                rest /= result[axis];
                source += index * strides[from];
            }

            picked[target] = data[source];
        }

        return picked;
    }

    static void Squeeze(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        var axes = node.ListOf("axes", 1)?.Select(axis => node.Axis(axis, dims.Length)).ToHashSet();
        if (axes?.Any(axis => dims[axis] != 1) == true) throw node.Stop("squeezes a dimension that is not 1");
        node.Out(0, node.Type(0), [.. dims.Where((size, i) => axes is null ? size != 1 : !axes.Contains(i))], node.In(0).Integers, node.In(0).Reals);
    }

    static void Unsqueeze(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        long[] axes = node.ListOf("axes", 1) ?? throw node.Stop("expected axes");
        var added = axes.Select(axis => node.Axis(axis, dims.Length + axes.Length)).ToHashSet();
        var rest = new Queue<long>(dims);
        if (added.Count != axes.Length) throw node.Stop("names an axis twice");
        node.Out(0, node.Type(0), [.. Enumerable.Range(0, dims.Length + axes.Length).Select(i => added.Contains(i) ? 1 : rest.Dequeue())],
            node.In(0).Integers, node.In(0).Reals);
    }

    static void Expand(NodeShapes node)
    {
        long[] dims = Broadcast.Of(node.Dims(0), node.NeededIntegers(1)) ?? throw node.Stop("expected shapes that broadcast together");
        bool isSmall = Tensor.TryCount(dims, out long count) && count <= KnownValue.MostElements;
        node.Out(0, node.Type(0), dims, isSmall && node.In(0).Integers is { } values ? Broadcast.Elements(values, node.Dims(0), dims) : null);
    }

    static void Tile(NodeShapes node)
    {
        long[] dims = node.Dims(0), repeats = node.NeededIntegers(1);
        if (repeats.Length != dims.Length) throw node.Stop($"expected {dims.Length} repeats, found {repeats.Length}");
        node.Out(0, node.Type(0), [.. dims.Select((size, i) => checked(size * repeats[i]))]);
    }

    static void Concat(NodeShapes node)
    {
        // The integer form has the output's scale and zero point first, then three inputs for each part.
        bool isInteger = node.Node.OpType == "QLinearConcat";
        int[] parts = isInteger ? [.. Enumerable.Range(0, (node.InputCount - 2) / 3).Select(i => 2 + 3 * i)] : [.. Enumerable.Range(0, node.InputCount)];
        if (parts.Length == 0) throw node.Stop("expected something to join");
        long[] dims = node.Dims(parts[0], 1);
        int axis = node.Axis(node.Node.GetInt("axis", 0), dims.Length);
        foreach (int part in parts.Skip(1))
        {
            long[] other = node.Dims(part);
            if (other.Length != dims.Length || other.Where((size, i) => i != axis && size != dims[i]).Any()) throw node.Stop("expected parts that differ along its axis only");
            dims[axis] = checked(dims[axis] + other[axis]);
        }

        bool isKnown = dims.Length == 1 && !isInteger && dims[0] <= KnownValue.MostElements;
        long[]? integers = isKnown && parts.All(i => node.In(i).Integers is not null) ? [.. parts.SelectMany(i => node.In(i).Integers!)] : null;
        double[]? reals = isKnown && parts.All(i => node.In(i).Reals is not null) ? [.. parts.SelectMany(i => node.In(i).Reals!)] : null;
        node.Out(0, node.Type(parts[0]), dims, integers, reals);
    }

    static void Split(NodeShapes node)
    {
        long[] dims = node.Dims(0, 1);
        int axis = node.Axis(node.Node.GetInt("axis", 0), dims.Length);
        long[]? sizes = node.ListOf("split", 1);
        if (sizes is null)
        {
            long parts = node.Node.GetInt("num_outputs", node.OutputCount);
            if (parts < 1) throw node.Stop($"expected at least one output, found {parts}");
            long each = (dims[axis] + parts - 1) / parts;
            sizes = [.. Enumerable.Range(0, node.OutputCount).Select(i => Math.Max(Math.Min(each, dims[axis] - i * each), 0))];
        }

        for (int i = 0; i < node.OutputCount && i < sizes.Length; i++) node.Out(i, node.Type(0), [.. dims.Select((size, k) => k == axis ? sizes[i] : size)]);
    }

    static void Slice(NodeShapes node)
    {
        long[] dims = node.Dims(0, 1);
        long[] starts = node.ListOf("starts", 1) ?? throw node.Stop("expected starts");
        long[] ends = node.ListOf("ends", 2) ?? throw node.Stop("expected ends");
        long[] axes = node.ListOf("axes", 3) ?? [.. Enumerable.Range(0, starts.Length)];
        long[] steps = node.Has(4) ? node.NeededIntegers(4) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length) throw node.Stop("expected as many ends, axes and steps as starts");
        long[] result = [.. dims];
        long[] first = new long[dims.Length], stride = [.. Enumerable.Repeat(1L, dims.Length)];
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = node.Axis(axes[i], dims.Length);
            long size = dims[axis], step = steps[i];
            if (step == 0) throw node.Stop("expected steps other than 0");
            long start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], step > 0 ? 0 : -1, step > 0 ? size : size - 1);
            long end = Math.Clamp(ends[i] < 0 ? Math.Max(ends[i], -size - 1) + size : ends[i], step > 0 ? 0 : -1, size);
            result[axis] = Math.Max((end - start + step - Math.Sign(step)) / step, 0);
            (first[axis], stride[axis]) = (start, step);
        }

        node.Out(0, node.Type(0), result, Pick(node.In(0).Integers, dims, result, (axis, index) => (axis, first[axis] + index * stride[axis])));
    }

    static void Pad(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        long[] pads = node.Node.GetInts("paddings") ?? node.ListOf("pads", 1) ?? throw node.Stop("expected pads");
        long[] axes = node.Has(3) ? node.NeededIntegers(3) : [.. Enumerable.Range(0, dims.Length)];
        if (pads.Length != 2 * axes.Length) throw node.Stop($"expected {2 * axes.Length} pads, found {pads.Length}");
        for (int i = 0; i < axes.Length; i++) dims[node.Axis(axes[i], dims.Length)] += pads[i] + pads[i + axes.Length];
        node.Out(0, node.Type(0), dims);
    }

    static void Gather(NodeShapes node)
    {
        long[] data = node.Dims(0, 1), indices = node.Dims(1);
        int axis = node.Axis(node.Node.GetInt("axis", 0), data.Length);
        long[]? values = null;
        if (data.Length == 1 && node.In(0).Integers is { } from && node.In(1).Integers is { } taken && taken.All(i => i >= -from.Length && i < from.Length))
        {
            values = [.. taken.Select(i => from[i < 0 ? i + from.Length : i])];
        }

        node.Out(0, node.Type(0), [.. data[..axis], .. indices, .. data[(axis + 1)..]], values);
    }

    static void GatherBlocks(NodeShapes node)
    {
        long[] data = node.Dims(0, 1), indices = node.Dims(1);
        int axis = node.Axis(node.Node.GetInt("gather_axis", 0), data.Length);

        // Bytes hold as many codes as fit.
        long bits = node.Node.GetInt("bits", 4);
        if (node.Type(0) == ElementType.UInt8 && bits is 2 or 4) data[^1] *= 8 / bits;
        node.Out(0, node.Type(2), [.. data[..axis], .. indices, .. data[(axis + 1)..]]);
    }

    static void GatherND(NodeShapes node)
    {
        long[] data = node.Dims(0, 1), indices = node.Dims(1, 1);
        int batch = (int)node.Node.GetInt("batch_dims", 0);
        long depth = indices[^1];
        if (batch < 0 || batch + depth > data.Length || batch >= indices.Length) throw node.Stop("expected indices that fit the data");
        node.Out(0, node.Type(0), [.. indices[..^1], .. data[(int)(batch + depth)..]]);
    }

    static void Blocks(NodeShapes node, bool spaceToDepth)
    {
        long[] x = node.Dims(0, 4);
        long size = node.Node.GetInt("blocksize", 1);
        if (size < 1) throw node.Stop($"expected a block size of at least 1, found {size}");
        node.Out(0, node.Type(0), spaceToDepth
            ? [x[0], checked(x[1] * size * size), x[2] / size, x[3] / size]
            : [x[0], x[1] / (size * size), checked(x[2] * size), checked(x[3] * size)]);
    }

    static void OneHot(NodeShapes node)
    {
        List<long> dims = [.. node.Dims(0)];
        long depth = node.In(1).Integers?.FirstOrDefault() ?? (long?)node.In(1).Reals?.FirstOrDefault() ?? throw node.Stop("the shape of its output depends on the data of its input 1");
        dims.Insert(node.Axis(node.Node.GetInt("axis", -1), dims.Count + 1), depth);
        node.Out(0, node.Type(2), [.. dims]);
    }

    static void TopK(NodeShapes node)
    {
        long[] dims = node.Dims(0, 1);
        long k = node.Has(1) ? node.NeededIntegers(1)[0] : node.Node.GetInt("k", 1);
        dims[node.Axis(node.Node.GetInt("axis", -1), dims.Length)] = k;
        node.Out(0, node.Type(0), dims);
        node.Out(1, ElementType.Int64, dims);
    }

    static void Resize(NodeShapes node)
    {
        long[] dims = node.Dims(0);
        if (node.Node.OpType == "Resize" && node.Node.GetString("keep_aspect_ratio_policy", "stretch") != "stretch") throw node.Stop("keeps the aspect ratio, which has no rule");
        bool isOld = node.Node.OpType == "Upsample" || node.Opset < 11;
        int scalesInput = isOld ? 1 : 2;
        long[] axes = node.Node.GetInts("axes") ?? [.. Enumerable.Range(0, dims.Length)];
        if (!isOld && node.Has(3) && node.In(3).Shape.ElementCount > 0)
        {
            long[] sizes = node.NeededIntegers(3);
            for (int i = 0; i < axes.Length; i++) dims[node.Axis(axes[i], dims.Length)] = sizes[i];
        }
        else
        {
            double[] scales = node.Has(scalesInput)
                ? node.In(scalesInput).Reals ?? throw node.Stop($"the shape of its output depends on the data of its input {scalesInput}")
                : node.Node.GetFloats("scales")?.Select(scale => (double)scale).ToArray() ?? throw node.Stop("expected scales or sizes");
            if (scales.Length != axes.Length) throw node.Stop($"expected {axes.Length} scales, found {scales.Length}");
            for (int i = 0; i < axes.Length; i++)
            {
                int axis = node.Axis(axes[i], dims.Length);
                dims[axis] = (long)Math.Floor((float)dims[axis] * (float)scales[i]);
            }
        }

        node.Out(0, node.Type(0), dims);
    }
}
