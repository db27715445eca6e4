using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>The gradient of a convolution with respect to its weight: w̄[m, c, t] = Σ over samples n and places p of ȳ[n, m, p]·x[n, c, s·p + d·t − before].</summary>
/// <remarks>
/// It is the dearest part of a backward pass, and the runtime has no operator for it. A kernel of one element takes a product of matrices for each sample;
/// larger ones another convolution, see <see cref="CorrelatedWeightGradient"/>. That gathers neighbours of all channels of a group together, of which a depthwise
/// convolution has one: there the tensors are copied, x shifted by each element of a row of the kernel and ȳ by each of a column, and multiplied for each
/// channel and sample. Copies are made by a convolution with kernels that hold a single 1, in which the runtime pads too. Bench: gradients.
/// </remarks>
static class WeightGradient
{
    // Larger kernels would take too much memory as copies.
    const long MostCopies = 49;

    // With so few places in a sample, one product over all samples is faster than one for each and their sum, though its operands must be turned for it.
    const long FewPlaces = 64;

    /// <summary>Writes it.</summary>
    /// <param name="node">Where to write.</param>
    /// <param name="input">x [N, C, …].</param>
    /// <param name="gradient">ȳ [N, M, places…].</param>
    /// <param name="weight">The dimensions [M, C/g, k…] of the weight.</param>
    /// <param name="group">The groups g.</param>
    /// <param name="window">How the kernel moves.</param>
    public static string Of(NodeGradient node, string input, string gradient, long[] weight, long group, ConvolutionWindow window)
    {
        if (window.IsPoint && group > 1) return GroupProduct(node.Emit, input, gradient, weight, group, 1, 1);
        if (window.IsPoint) return Product(node, input, gradient, weight);
        return group > 1 && weight[1] == 1 && CanSeparate(window)
            ? Separated(node.Emit, input, gradient, weight, group, window)
            : CorrelatedWeightGradient.Of(node, input, gradient, weight, group, window);
    }

    static bool CanSeparate(ConvolutionWindow window) => window.Rank == 2 && window.Kernel.Max() * window.Kernel.Min() <= MostCopies
        && window.Strides.All(stride => stride == 1) && window.Before[0] < window.Extents[0] && window.After[0] < window.Extents[0];

    // Columns by copies of x, rows by copies of ȳ: Σ over h, w of ȳ[h − d·i + before, w]·x[h, w + d·j − before].
    static string Separated(GraphEmitter emit, string input, string gradient, long[] weight, long group, ConvolutionWindow window)
    {
        string x = Copies(emit, input, weight[1] * group, Columns(window)), dy = Copies(emit, gradient, weight[0], Rows(window), isTurned: true);
        return GroupProduct(emit, x, dy, weight, group, window.Kernel[1], window.Kernel[0]);
    }

    static ConvolutionWindow Columns(ConvolutionWindow window) =>
        new([1, window.Kernel[1]], [1, 1], [1, window.Dilations[1]], [0, window.Before[1]], [0, window.After[1]]);

    static ConvolutionWindow Rows(ConvolutionWindow window)
    {
        long extent = window.Extents[0];
        return new([window.Kernel[0], 1], [1, 1], [window.Dilations[0], 1], [extent - 1 - window.Before[0], 0], [extent - 1 - window.After[0], 0]);
    }

    // [N, C, …] to [N, C·k, places…]: copy t of a channel holds what element t of the kernel sees at each place; turned, what the last but t sees.
    static string Copies(GraphEmitter emit, string value, long channels, ConvolutionWindow window, bool isTurned = false)
    {
        long count = window.Kernel.Aggregate(1L, (a, b) => a * b);
        float[] ones = new float[count * count];
        for (long t = 0; t < count; t++) ones[t * count + (isTurned ? count - 1 - t : t)] = 1;
        string one = emit.Floats([count, 1, .. window.Kernel], ones);
        string all = emit.Op("Tile", one, emit.Ints([channels, 1, .. window.Kernel.Select(_ => 1L)]));
        return emit.Node("Conv", value, all).With("group", channels).With("strides", window.Strides).With("dilations", window.Dilations).With("pads", window.Pads).FirstOutput();
    }

    // x [N, C, p], ȳ [N, M, p] to Σ over n of ȳ·xᵀ, as [M, C, 1…].
    static string Product(NodeGradient node, string input, string gradient, long[] weight)
    {
        var emit = node.Emit;
        string x = emit.Reshape(input, 0, weight[1], -1), dy = emit.Reshape(gradient, 0, weight[0], -1);
        bool hasFewPlaces = node.Shapes.Of(node.Y) is { } dims && dims[2..].All(size => size >= 0) && dims[2..].Aggregate(1.0, (a, b) => a * b) <= FewPlaces;
        string sum = hasFewPlaces
            ? emit.Node("Gemm", Joined(emit, dy, weight[0]), Joined(emit, x, weight[1])).With("transB", 1L).FirstOutput()
            : emit.Sum(emit.Op("MatMul", dy, emit.Transpose(x, 0, 2, 1)), [0], keep: false);
        return emit.Reshape(sum, weight);
    }

    // [N, c, p] as [c, N·p].
    static string Joined(GraphEmitter emit, string value, long channels) => emit.Reshape(emit.Transpose(value, 1, 0, 2), channels, -1);

    // x [N, C·j, p], ȳ [N, M·i, p] to Σ over n of x·ȳᵀ for each group [g, C/g·j, M/g·i], as [M, C/g, i, j].
    static string GroupProduct(GraphEmitter emit, string x, string dy, long[] weight, long group, long columns, long rows)
    {
        long filters = weight[0] / group;
        string left = emit.Reshape(x, 0, group, weight[1] * columns, -1), right = emit.Transpose(emit.Reshape(dy, 0, group, filters * rows, -1), 0, 1, 3, 2);
        string sum = emit.Sum(emit.Op("MatMul", left, right), [0], keep: false);
        return emit.Reshape(emit.Transpose(emit.Reshape(sum, group, weight[1], columns, filters, rows), 0, 3, 1, 4, 2), weight);
    }
}
