using System.Numerics.Tensors;
using Op = System.Func<Kneepoint.SystemTests.Gradients.Oracle.DoubleNode, Kneepoint.SystemTests.Gradients.Oracle.DoubleTensor[]>;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Convolutions and pooling.</summary>
static class DoubleWindows
{
    public static void AddTo(Dictionary<string, Op> known)
    {
        known.Add("Conv", Convolution);
        known.Add("ConvTranspose", Transposed);
        known.Add("MaxPool", node => Pool(node, (values, _) => values.Max()));
        known.Add("AveragePool", node => Pool(node, (values, inside) => values.Sum() / (node.Int("count_include_pad", 0) != 0 ? inside : values.Count)));
    }

    // One filter, one channel and one element of the kernel at a time: a row of the output takes a multiple of a row of the input.
    static DoubleTensor[] Convolution(DoubleNode node)
    {
        DoubleTensor x = node.X, w = node.At(1)!;
        var window = Window.Of(node, x.Dims[2..], w.Dims[2..]);
        int[] dims = [x.Dims[0], w.Dims[0], .. window.Places];
        var y = DoubleTensor.Zeros(dims);
        int group = (int)node.Int("group", 1), filters = w.Dims[0] / group, channels = w.Dims[1];
        int inSize = DoubleTensor.Count(x.Dims[2..]), outSize = DoubleTensor.Count(window.Places), kernelSize = DoubleTensor.Count(w.Dims[2..]);
        Parallel.For(0, x.Dims[0] * w.Dims[0], item =>
        {
            int n = item / w.Dims[0], m = item % w.Dims[0];
            var output = y.Data.AsSpan(item * outSize, outSize);
            output.Fill(node.At(2)?.Data[m] ?? 0);
            for (int c = 0; c < channels; c++)
            {
                var input = x.Data.AsSpan((n * x.Dims[1] + m / filters * channels + c) * inSize, inSize);
                AddRows(window, input, w.Data.AsSpan((m * channels + c) * kernelSize, kernelSize), output);
            }
        });
        return [y];
    }

    static void AddRows(Window window, ReadOnlySpan<double> input, ReadOnlySpan<double> kernel, Span<double> output)
    {
        int t = 0, rank = window.Kernel.Length;
        foreach (int[] element in DoubleTensor.Indices(window.Kernel))
        {
            double weight = kernel[t++];
            int row = 0, width = window.Places[^1];
            foreach (int[] place in DoubleTensor.Indices(window.Places[..^1]))
            {
                if (window.Row(place, element) is var start && start >= 0) AddRow(window, rank - 1, input.Slice(start, window.Sizes[^1]), weight, element[^1], output.Slice(row * width, width));
                row++;
            }
        }
    }

    static void AddRow(Window window, int axis, ReadOnlySpan<double> input, double weight, int element, Span<double> output)
    {
        int stride = window.Strides[axis], offset = element * window.Dilations[axis] - window.Before[axis];
        int from = Math.Max(0, (-offset + stride - 1) / stride), to = Math.Min(output.Length, (input.Length - offset + stride - 1) / stride);
        if (to <= from) return;
        if (stride == 1)
        {
            TensorPrimitives.MultiplyAdd(input.Slice(from + offset, to - from), weight, output[from..to], output[from..to]);
            return;
        }

        for (int p = from; p < to; p++) output[p] += weight * input[p * stride + offset];
    }

    static DoubleTensor[] Transposed(DoubleNode node)
    {
        DoubleTensor x = node.X, w = node.At(1)!;
        int rank = x.Rank - 2, group = (int)node.Int("group", 1), filters = w.Dims[1];
        var window = Window.Of(node, x.Dims[2..], w.Dims[2..]);
        int[] more = node.Ints("output_padding") ?? new int[rank];
        int[] sizes = [.. Enumerable.Range(0, rank).Select(i => window.Strides[i] * (x.Dims[i + 2] - 1) + more[i] + window.Extent(i) - window.Before[i] - window.After[i])];
        var y = DoubleTensor.Zeros([x.Dims[0], filters * group, .. sizes]);
        int[] xs = x.Strides, ws = w.Strides, ys = y.Strides;
        foreach (int[] place in DoubleTensor.Indices(x.Dims))
        {
            foreach (int[] element in DoubleTensor.Indices([filters, .. window.Kernel]))
            {
                int[] target = [.. Enumerable.Range(0, rank).Select(i => place[i + 2] * window.Strides[i] + element[i + 1] * window.Dilations[i] - window.Before[i])];
                if (target.Where((at, i) => at < 0 || at >= sizes[i]).Any()) continue;
                int m = place[1] / (x.Dims[1] / group) * filters + element[0];
                int into = place[0] * ys[0] + m * ys[1] + target.Select((at, i) => at * ys[i + 2]).Sum();
                y.Data[into] += x.Data[Place(place, xs)] * w.Data[place[1] * ws[0] + element.Select((at, i) => at * ws[i + 1]).Sum()];
            }
        }

        if (node.At(2) is { } bias) y = DoubleTensor.Zip(y, bias.Reshape([1, bias.Dims[0], .. Enumerable.Repeat(1, rank)]), (a, b) => a + b);
        return [y];
    }

    // Elements outside are left out; how many of a window lie within the padded picture is told along.
    static DoubleTensor[] Pool(DoubleNode node, Func<List<double>, int, double> join)
    {
        var x = node.X;
        var window = Window.Of(node, x.Dims[2..], node.Ints("kernel_shape")!);
        int[] dims = [x.Dims[0], x.Dims[1], .. window.Places], strides = x.Strides;
        double[] data = new double[DoubleTensor.Count(dims)];
        int i = 0;
        foreach (int[] place in DoubleTensor.Indices(dims))
        {
            var values = new List<double>();
            int inside = 0;
            foreach (int[] element in DoubleTensor.Indices(window.Kernel))
            {
                int[] at = [.. element.Select((e, axis) => place[axis + 2] * window.Strides[axis] + e * window.Dilations[axis] - window.Before[axis])];
                if (at.Where((p, axis) => p >= x.Dims[axis + 2] + window.After[axis]).Any()) continue;
                inside++;
                if (at.Where((p, axis) => p < 0 || p >= x.Dims[axis + 2]).Any()) continue;
                values.Add(x.Data[place[0] * strides[0] + place[1] * strides[1] + at.Select((p, axis) => p * strides[axis + 2]).Sum()]);
            }

            data[i++] = join(values, inside);
        }

        return [new DoubleTensor(dims, data)];
    }

    static int Place(int[] index, int[] strides)
    {
        int place = 0;
        for (int axis = 0; axis < index.Length; axis++) place += index[axis] * strides[axis];
        return place;
    }

    sealed record Window(int[] Sizes, int[] Kernel, int[] Strides, int[] Dilations, int[] Before, int[] After, int[] Places)
    {
        public int Extent(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

        // Where a row of the input starts that a row of the output reads; -1 where that is padding.
        public int Row(int[] place, int[] element)
        {
            int start = 0;
            for (int axis = 0; axis < place.Length; axis++)
            {
                int at = place[axis] * Strides[axis] + element[axis] * Dilations[axis] - Before[axis];
                if (at < 0 || at >= Sizes[axis]) return -1;
                start = (start + at) * Sizes[axis + 1];
            }

            return start;
        }

        public static Window Of(DoubleNode node, int[] sizes, int[] kernel)
        {
            int rank = kernel.Length;
            int[] ones = [.. Enumerable.Repeat(1, rank)], pads = node.Ints("pads") ?? new int[2 * rank];
            var window = new Window(sizes, kernel, node.Ints("strides") ?? ones, node.Ints("dilations") ?? ones, pads[..rank], pads[rank..], []);
            string automatic = node.Text("auto_pad", "NOTSET");
            if (automatic == "VALID") window = window with { Before = new int[rank], After = new int[rank] };
            if (automatic.StartsWith("SAME", StringComparison.Ordinal)) window = window.Same(automatic == "SAME_UPPER");
            bool isCeiling = node.Int("ceil_mode", 0) != 0;
            return window with { Places = [.. Enumerable.Range(0, rank).Select(axis => window.Count(axis, isCeiling))] };
        }

        int Count(int axis, bool isCeiling)
        {
            int room = Sizes[axis] + Before[axis] + After[axis] - Extent(axis), stride = Strides[axis];
            if (room < 0) return 0;
            int places = (isCeiling ? (room + stride - 1) / stride : room / stride) + 1;
            return isCeiling && (places - 1) * stride >= Sizes[axis] + Before[axis] ? places - 1 : places;
        }

        Window Same(bool isUpper)
        {
            int[] total = [.. Sizes.Select((size, i) => Math.Max(0, ((size + Strides[i] - 1) / Strides[i] - 1) * Strides[i] + Extent(i) - size))];
            int[] less = [.. total.Select(pad => pad / 2)], more = [.. total.Select(pad => pad - pad / 2)];
            return this with { Before = isUpper ? less : more, After = isUpper ? more : less };
        }
    }
}
