using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Pooling over windows and over whole pictures.</summary>
static class PoolingRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("GlobalAveragePool", GlobalAverage, 0);
        rules.Add("GlobalMaxPool", GlobalMaximum, 0);
        rules.Add("AveragePool", Average, 0);
        rules.Add("MaxPool", Maximum, 0);
    }

    // Each element of a picture takes an equal share.
    static void GlobalAverage(NodeGradient node) =>
        node.Give(0, node.Emit.Op("Expand", node.Emit.Mul(node.DY, ReductionRules.Share(node)), node.Emit.Shape(node.X)));

    // The first of the greatest elements of each picture takes all.
    static void GlobalMaximum(NodeGradient node)
    {
        var emit = node.Emit;
        string pictures = emit.Reshape(node.X, 0, 0, -1), dy = emit.Reshape(node.DY, 0, 0, 1);
        string place = emit.Node("ArgMax", pictures).With("axis", 2L).With("keepdims", 1L).FirstOutput();
        string spread = emit.Node("ScatterElements", emit.Zeros(emit.Shape(pictures)), place, dy).With("axis", 2L).FirstOutput();
        node.Give(0, emit.ReshapeLike(spread, node.X));
    }

    // The runtime tells the place of each maximum in the whole tensor, laid out flat; elements that several windows chose add up.
    static void Maximum(NodeGradient node)
    {
        var emit = node.Emit;
        string zeros = emit.Zeros(emit.Reshape(emit.Op("Size", node.X), 1));
        string places = emit.Reshape(Places(node), -1), dy = emit.Reshape(node.DY, -1);
        string spread = emit.Node("ScatterElements", zeros, places, dy).With("axis", 0L).With("reduction", "add").FirstOutput();
        node.Give(0, emit.ReshapeLike(spread, node.X));
    }

    static string Places(NodeGradient node)
    {
        var pool = node.Node;
        if (pool.Output.Count > 1 && pool.Output[1].Length > 0 && pool.GetInt("storage_order", 0) == 0) return pool.Output[1];
        var again = node.Emit.Node("MaxPool", [node.X], 2);
        again.Attribute.AddRange(pool.Attribute.Where(attribute => attribute.Name != "storage_order").Select(attribute => attribute.Clone()));
        return again.Output[1];
    }

    // A convolution of each picture with ones, divided by the number of elements that count.
    static void Average(NodeGradient node)
    {
        var emit = node.Emit;
        long[] kernel = node.Node.GetInts("kernel_shape") ?? throw node.Refuse("has no kernel");
        if (node.Rank(node.X) != kernel.Length + 2) throw node.Refuse($"expected an input of {kernel.Length + 2} dimensions");
        var window = ConvolutionWindow.Of(node, kernel);
        long[] dims = [1, 1, .. kernel];
        string weight = emit.Filled(emit.Ints(dims), 1);
        string shares = emit.Reshape(emit.Mul(node.DY, Shares(node, window, weight)), emit.Concat(0, emit.Ints(-1, 1), emit.Shape(node.DY, 2)));
        node.Give(0, emit.ReshapeLike(WindowScatter.Of(node, shares, weight, dims, 1, window, node.X, node.Node.GetInt("ceil_mode", 0) != 0), node.X));
    }

    // What each element of a window counts for: 1 over the number of elements that lie in the picture or, if padding counts, in the padded picture.
    static string Shares(NodeGradient node, ConvolutionWindow window, string weight)
    {
        var emit = node.Emit;
        bool isCeiling = node.Node.GetInt("ceil_mode", 0) != 0, countsPadding = node.Node.GetInt("count_include_pad", 0) != 0;
        double elements = 1;
        foreach (long size in window.Kernel) elements *= size;
        if (!isCeiling && (window.Pads.All(pad => pad == 0) || countsPadding)) return emit.Scalar((float)(1 / elements));
        string sizes = emit.Shape(node.X, 2);
        if (countsPadding) sizes = emit.Add(sizes, emit.Ints([.. window.Before.Zip(window.After, (before, after) => before + after)]));
        string ones = emit.Filled(emit.Concat(0, emit.Ints(1, 1), sizes), 1);
        var padded = countsPadding ? window with { Before = new long[window.Rank], After = new long[window.Rank] } : window;
        return emit.Op("Reciprocal", Counts(node, ones, weight, padded, window, isCeiling));
    }

    // The sum of each window over ones. A last window that sticks out needs padding behind; where a run decides whether it does, one too many is cut off.
    static string Counts(NodeGradient node, string ones, string weight, ConvolutionWindow padded, ConvolutionWindow window, bool isCeiling)
    {
        var emit = node.Emit;
        long[] behind = [.. padded.After.Select((pad, i) => pad + (isCeiling ? window.Strides[i] - 1 : 0))];
        bool isKnown = node.Shapes.Of(node.X) is { } x && node.Shapes.Of(node.Y) is { } y && Behind(x, y, padded, window, behind);
        string counts = emit.Node("Conv", ones, weight).With("strides", window.Strides).With("dilations", window.Dilations).With("pads", [.. padded.Before, .. behind]).FirstOutput();
        return isKnown || !isCeiling ? counts : emit.Op("Slice", counts, emit.Ints(new long[window.Rank]), emit.Shape(node.Y, 2), emit.Ints(window.Axes));
    }

    // Exactly what the last window needs.
    static bool Behind(long[] x, long[] y, ConvolutionWindow padded, ConvolutionWindow window, long[] behind)
    {
        if (x[2..].Concat(y[2..]).Any(size => size < 0)) return false;
        for (int i = 0; i < behind.Length; i++)
        {
            long size = x[i + 2] + window.Before[i] + window.After[i] - padded.After[i];
            behind[i] = Math.Max(0, (y[i + 2] - 1) * window.Strides[i] + window.Extents[i] - size);
        }

        return true;
    }
}
