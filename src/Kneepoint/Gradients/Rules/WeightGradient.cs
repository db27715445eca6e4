using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>The gradient of a convolution with respect to its weight: w̄[m, c, t] = Σ over samples n and places p of ȳ[n, m, p]·x[n, c, s·p + d·t − before].</summary>
/// <remarks>
/// It is the dearest part of a backward pass, and the runtime has no operator for it. A kernel of one element takes a product of matrices for each sample;
/// larger ones another convolution, see <see cref="CorrelatedWeightGradient"/>. Bench: gradients.
/// </remarks>
static class WeightGradient
{
    // With so few places in a sample, one product over all samples is faster than one for each and their sum, though its operands must be turned for it.
    const long FewPlaces = 64;

    /// <summary>Writes it.</summary>
    /// <param name="node">Where to write.</param>
    /// <param name="input">x [N, C, …].</param>
    /// <param name="gradient">ȳ [N, M, places…].</param>
    /// <param name="weight">The dimensions [M, C/g, k…] of the weight.</param>
    /// <param name="group">The groups g.</param>
    /// <param name="window">How the kernel moves.</param>
    public static string Of(NodeGradient node, string input, string gradient, long[] weight, long group, ConvolutionWindow window) =>
        window.IsPoint && group == 1 ? Product(node, input, gradient, weight) : GroupedWeightGradient.Of(node, input, gradient, weight, group, window);

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
}
