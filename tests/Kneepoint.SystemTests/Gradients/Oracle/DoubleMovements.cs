using Op = System.Func<Kneepoint.SystemTests.Gradients.Oracle.DoubleNode, Kneepoint.SystemTests.Gradients.Oracle.DoubleTensor[]>;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Operators that move, repeat, join, cut and pick elements.</summary>
static class DoubleMovements
{
    public static void AddTo(Dictionary<string, Op> known)
    {
        known.Add("Shape", node => [new DoubleTensor([node.X.Rank], [.. node.X.Dims.Select(size => (double)size)])]);
        known.Add("Reshape", node => [Reshape(node.X, node.At(1)!.Ints)]);
        known.Add("Flatten", Flatten);
        known.Add("Squeeze", Squeeze);
        known.Add("Unsqueeze", Unsqueeze);
        known.Add("Transpose", node => [node.X.Transpose(node.Ints("perm") ?? [.. Enumerable.Range(0, node.X.Rank).Reverse()])]);
        known.Add("Expand", node => [node.X.Stretch(DoubleTensor.Joint(node.X, DoubleTensor.Zeros(node.At(1)!.Ints)))]);
        known.Add("Tile", node => [Tile(node.X, node.At(1)!.Ints)]);
        known.Add("Concat", node => [Concat(node)]);
        known.Add("Split", Split);
        known.Add("Slice", node => [Slice(node)]);
        known.Add("Pad", node => [Pad(node)]);
        known.Add("Gather", node => [Gather(node)]);
        known.Add("GatherElements", node => [GatherElements(node)]);
        known.Add("DepthToSpace", node => [DepthToSpace(node)]);
        known.Add("SpaceToDepth", node => [SpaceToDepth(node)]);
        known.Add("CumSum", node => [CumSum(node)]);
        known.Add("Trilu", node => [Trilu(node)]);
    }

    static DoubleTensor Reshape(DoubleTensor x, int[] shape)
    {
        int[] dims = [.. shape.Select((size, i) => size == 0 ? x.Dims[i] : size)];
        int free = Array.IndexOf(dims, -1);
        if (free >= 0) dims[free] = x.Data.Length / -DoubleTensor.Count(dims);
        return x.Reshape(dims);
    }

    static DoubleTensor[] Flatten(DoubleNode node)
    {
        int axis = node.X.Axis(node.Int("axis", 1));
        return [node.X.Reshape([DoubleTensor.Count(node.X.Dims[..axis]), DoubleTensor.Count(node.X.Dims[axis..])])];
    }

    static DoubleTensor[] Squeeze(DoubleNode node)
    {
        int[]? axes = node.List("axes", 1)?.Select(axis => node.X.Axis(axis)).ToArray();
        return [node.X.Reshape([.. node.X.Dims.Where((size, axis) => axes is null ? size != 1 : !axes.Contains(axis))])];
    }

    static DoubleTensor[] Unsqueeze(DoubleNode node)
    {
        int[] axes = node.List("axes", 1)!;
        int rank = node.X.Rank + axes.Length;
        var rest = new Queue<int>(node.X.Dims);
        axes = [.. axes.Select(axis => axis < 0 ? axis + rank : axis)];
        return [node.X.Reshape([.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : rest.Dequeue())])];
    }

    static DoubleTensor Tile(DoubleTensor x, int[] repeats)
    {
        int[] strides = x.Strides;
        return x.Pick([.. x.Dims.Select((size, axis) => size * repeats[axis])], index => index.Select((at, axis) => at % x.Dims[axis] * strides[axis]).Sum());
    }

    static DoubleTensor Concat(DoubleNode node)
    {
        int axis = node.X.Axis(node.Int("axis", 0)), outer = DoubleTensor.Count(node.X.Dims[..axis]);
        var data = new List<double>();
        for (int i = 0; i < outer; i++)
        {
            foreach (var part in node.Inputs)
            {
                int length = part!.Data.Length / outer;
                data.AddRange(part.Data[(i * length)..((i + 1) * length)]);
            }
        }

        int[] dims = [.. node.X.Dims];
        dims[axis] = node.Inputs.Sum(part => part!.Dims[axis]);
        return new DoubleTensor(dims, [.. data]);
    }

    static DoubleTensor[] Split(DoubleNode node)
    {
        int axis = node.X.Axis(node.Int("axis", 0)), count = node.Node.Output.Count, size = node.X.Dims[axis];
        int[] sizes = node.List("split", 1) ?? [.. Enumerable.Range(0, count).Select(i => Math.Min((size + count - 1) / count, size - i * ((size + count - 1) / count)))];
        var parts = new DoubleTensor[count];
        for (int i = 0, start = 0; i < count; start += sizes[i++]) parts[i] = Cut(node.X, axis, start, 1, sizes[i]);
        return parts;
    }

    static DoubleTensor Cut(DoubleTensor x, int axis, int start, int step, int count)
    {
        int[] dims = [.. x.Dims], strides = x.Strides;
        dims[axis] = count;
        return x.Pick(dims, index => index.Select((at, i) => (i == axis ? start + at * step : at) * strides[i]).Sum());
    }

    static DoubleTensor Slice(DoubleNode node)
    {
        int[] starts = node.List("starts", 1)!, ends = node.List("ends", 2)!;
        int[] axes = node.List("axes", 3) ?? [.. Enumerable.Range(0, starts.Length)], steps = node.At(4)?.Ints ?? [.. Enumerable.Repeat(1, starts.Length)];
        var x = node.X;
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = node.X.Axis(axes[i]), size = x.Dims[axis];
            var kept = new List<int>();
            int from = starts[i] < 0 ? starts[i] + size : starts[i], to = ends[i] < 0 ? ends[i] + size : ends[i];
            if (steps[i] > 0)
            {
                for (int at = Math.Clamp(from, 0, size); at < Math.Clamp(to, 0, size); at += steps[i]) kept.Add(at);
            }
            else
            {
                for (int at = Math.Clamp(from, -1, size - 1); at > Math.Clamp(to, -1, size - 1); at += steps[i]) kept.Add(at);
            }

            x = Cut(x, axis, kept.Count > 0 ? kept[0] : 0, steps[i], kept.Count);
        }

        return x;
    }

    static DoubleTensor Pad(DoubleNode node)
    {
        int[] pads = node.List("pads", 1)!;
        double fill = node.At(2)?.Data[0] ?? node.Float("value", 0);
        int[] axes = node.At(3)?.Ints ?? [.. Enumerable.Range(0, node.X.Rank)], before = new int[node.X.Rank], after = new int[node.X.Rank];
        for (int i = 0; i < axes.Length; i++) (before[node.X.Axis(axes[i])], after[node.X.Axis(axes[i])]) = (pads[i], pads[i + axes.Length]);
        int[] dims = [.. node.X.Dims.Select((size, axis) => size + before[axis] + after[axis])], strides = node.X.Strides;
        double[] data = new double[DoubleTensor.Count(dims)];
        int place = 0;
        foreach (int[] index in DoubleTensor.Indices(dims))
        {
            int[] from = [.. index.Select((at, axis) => at - before[axis])];
            bool isInside = from.Select((at, axis) => at >= 0 && at < node.X.Dims[axis]).All(inside => inside);
            data[place++] = isInside ? node.X.Data[from.Select((at, axis) => at * strides[axis]).Sum()] : fill;
        }

        return new DoubleTensor(dims, data);
    }

    static DoubleTensor Gather(DoubleNode node)
    {
        var indices = node.At(1)!;
        int axis = node.X.Axis(node.Int("axis", 0)), rank = indices.Rank;
        int[] strides = node.X.Strides, own = indices.Strides, picks = indices.Ints;
        return node.X.Pick([.. node.X.Dims[..axis], .. indices.Dims, .. node.X.Dims[(axis + 1)..]], index =>
        {
            int pick = picks[Enumerable.Range(0, rank).Select(i => index[axis + i] * own[i]).Sum()], place = (pick < 0 ? pick + node.X.Dims[axis] : pick) * strides[axis];
            for (int i = 0; i < axis; i++) place += index[i] * strides[i];
            for (int i = axis + 1; i < strides.Length; i++) place += index[i - 1 + rank] * strides[i];
            return place;
        });
    }

    static DoubleTensor GatherElements(DoubleNode node)
    {
        var indices = node.At(1)!;
        int axis = node.X.Axis(node.Int("axis", 0)), next = 0;
        int[] strides = node.X.Strides, picks = indices.Ints;
        return node.X.Pick(indices.Dims, index =>
        {
            int pick = picks[next++];
            return index.Select((at, i) => (i != axis ? at : pick < 0 ? pick + node.X.Dims[axis] : pick) * strides[i]).Sum();
        });
    }

    static DoubleTensor DepthToSpace(DoubleNode node)
    {
        int b = (int)node.Int("blocksize", 1);
        int[] d = node.X.Dims;
        var blocks = node.Text("mode", "DCR") == "DCR"
            ? node.X.Reshape([d[0], b, b, d[1] / b / b, d[2], d[3]]).Transpose([0, 3, 4, 1, 5, 2])
            : node.X.Reshape([d[0], d[1] / b / b, b, b, d[2], d[3]]).Transpose([0, 1, 4, 2, 5, 3]);
        return blocks.Reshape([d[0], d[1] / b / b, d[2] * b, d[3] * b]);
    }

    static DoubleTensor SpaceToDepth(DoubleNode node)
    {
        int b = (int)node.Int("blocksize", 1);
        int[] d = node.X.Dims;
        return node.X.Reshape([d[0], d[1], d[2] / b, b, d[3] / b, b]).Transpose([0, 3, 5, 1, 2, 4]).Reshape([d[0], d[1] * b * b, d[2] / b, d[3] / b]);
    }

    static DoubleTensor CumSum(DoubleNode node)
    {
        int axis = node.X.Axis(node.At(1)!.Ints[0]), size = node.X.Dims[axis], stride = node.X.Strides[axis];
        bool isExclusive = node.Int("exclusive", 0) != 0, isReverse = node.Int("reverse", 0) != 0;
        double[] data = new double[node.X.Data.Length];
        for (int i = 0; i < data.Length; i++)
        {
            int at = i / stride % size;
            for (int other = 0; other < size; other++)
            {
                bool counts = isReverse ? other > at || (other == at && !isExclusive) : other < at || (other == at && !isExclusive);
                if (counts) data[i] += node.X.Data[i + (other - at) * stride];
            }
        }

        return node.X with { Data = data };
    }

    static DoubleTensor Trilu(DoubleNode node)
    {
        int diagonal = node.At(1)?.Ints[0] ?? 0, columns = node.X.Dims[^1], rows = node.X.Dims[^2];
        bool isUpper = node.Int("upper", 1) != 0;
        return node.X with { Data = [.. node.X.Data.Select((x, i) => (isUpper ? i % columns >= i / columns % rows + diagonal : i % columns <= i / columns % rows + diagonal) ? x : 0)] };
    }
}
