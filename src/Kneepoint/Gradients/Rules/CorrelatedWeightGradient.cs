using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>The gradient of a convolution with respect to its weight, by another convolution: any groups, any number of axes.</summary>
/// <remarks>
/// w̄[m, c, t] = Σ over samples n and places p of ȳ[n, m, p]·x[n, c, s·p + d·t − before]: a convolution whose kernel is ȳ, moved by the dilation over x with
/// the stride as its dilation. Samples take the part of the channels that are summed over. The channels of x are one more spatial axis, along which the kernel
/// has one element: the runtime then gets products of matrices that are C/g·Πk wide in place of Πk.
/// </remarks>
static class CorrelatedWeightGradient
{
    /// <summary>Writes it.</summary>
    /// <param name="node">Where to write.</param>
    /// <param name="input">x [N, C, …].</param>
    /// <param name="gradient">ȳ [N, M, places…].</param>
    /// <param name="weight">The dimensions [M, C/g, k…] of the weight.</param>
    /// <param name="group">The groups g.</param>
    /// <param name="window">How the kernel moves.</param>
    public static string Of(NodeGradient node, string input, string gradient, long[] weight, long group, ConvolutionWindow window)
    {
        var emit = node.Emit;
        string samples = emit.Shape(input, 0, 1);
        // x: [N, g, C/g, …] to [1, g·N, C/g, …]; ȳ: [N, M, …] to [M, N, 1, …].
        string grouped = group == 1 ? input : emit.Transpose(emit.Reshape(input, emit.Concat(0, samples, emit.Ints(group, weight[1]), emit.Shape(input, 2))), Order(1, 0, window.Rank + 1));
        string channels = emit.Concat(0, emit.Ints(1, -1, weight[1]), emit.Shape(input, 2));
        string x = emit.Reshape(grouped, channels);
        string swapped = emit.Transpose(gradient, Order(1, 0, window.Rank));
        string kernel = emit.Reshape(swapped, emit.Concat(0, emit.Ints(weight[0]), samples, emit.Ints(1), emit.Shape(gradient, 2)));
        var correlation = emit.Node("Conv", x, kernel).With("group", group).With("strides", [1, .. window.Dilations])
            .With("dilations", [1, .. window.Strides]).With("pads", [0, .. window.Before, 0, .. window.After]);
        return Weight(emit, correlation.FirstOutput(), weight, window);
    }

    // [1, M, C/g, k…]; a last place that the stride left over gives elements that the weight does not have.
    static string Weight(GraphEmitter emit, string correlation, long[] weight, ConvolutionWindow window)
    {
        long[] strided = [.. Enumerable.Range(0, window.Rank).Where(i => window.Strides[i] > window.Dilations[i]).Select(i => (long)i)];
        string exact = strided.Length == 0 ? correlation
            : emit.Slice(correlation, new long[strided.Length], [.. strided.Select(i => weight[i + 2])], [.. strided.Select(i => i + 3)]);
        return emit.Reshape(exact, weight);
    }

    static long[] Order(long first, long second, int rest) => [first, second, .. Enumerable.Range(2, rest).Select(axis => (long)axis)];
}
