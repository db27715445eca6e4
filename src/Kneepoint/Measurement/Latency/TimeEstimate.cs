using System.Collections.Immutable;

namespace Kneepoint.Measurement.Latency;

/// <summary>Estimates how long a network runs from what its executed nodes have to do, without a clock: the same network gives the same figure each time.</summary>
/// <remarks>
/// t = Σ over nodes of a + b·MACs + c·weights + d·input elements + e·output elements, with one row of constants for each kind of kernel. They are rounded least-squares fits, none negative, to the profiled times of some 2,700 nodes of nine networks and ten treatments on one
/// thread of an x86 processor with AVX-512 and VNNI (`time-estimates … nodes` in the benchmarks prints them beside the estimates); a node is typically 15 to 30 % off there. Another processor has other constants, but the order of the kernels and what a small node costs before it computes anything are alike.
/// It guides a search that must give the same recipes for the same seed; it is no measurement and is never shown as one.
/// </remarks>
static class TimeEstimate
{
    // Kernels that add two products of bytes in 16 bits need more instructions than those with dot products.
    const double WithoutDotProducts = 2.5;

    static readonly Kernel Convolution = new(300, 0.0145, 0.1, 1, 0.1), Grouped = new(300, 0.07, 0.5, 0, 0);
    static readonly Kernel IntegerConvolution = new(1000, 0.004, 0.04, 0, 0.22) { IsInteger = true }, IntegerGrouped = new(300, 0.075, 1, 0, 0) { IsInteger = true };
    static readonly Kernel Product = new(600, 0.0085, 0.09, 0.6, 0.14), IntegerProduct = new(1200, 0.003, 0.015, 0.4, 0.4) { IsInteger = true }, BlockProduct = new(1700, 0.013, 0.01, 0.2, 0.5) { IsInteger = true };
    static readonly Kernel Recurrence = new(1000, 0.036, 0, 0, 0), IntegerRecurrence = new(1000, 0.02, 0, 0, 0) { IsInteger = true };

    // A float kernel's work with bytes in place of floats, which nobody made fast.
    static readonly Kernel UnfusedIntegerConvolution = new(1000, 0.03, 0.1, 0.5, 0.5) { IsInteger = true };
    static readonly Kernel Exponentials = new(2000, 0, 0, 6, 0), Smooth = new(900, 0, 0, 0.8, 0), Pooling = new(850, 0, 0, 0.16, 0.5), NoWork = new(300, 0, 0, 0, 0.01), Elementwise = new(470, 0.0145, 0, 0, 0.17);

    /// <summary>Estimates the time of a network.</summary>
    /// <param name="work">What its nodes do (<see cref="ExecutedWork"/>).</param>
    /// <param name="hasDotProducts">Whether the processor multiplies and adds bytes in one instruction, as those with VNNI do.</param>
    /// <returns>Nanoseconds.</returns>
    public static double Nanoseconds(ImmutableArray<NodeWork> work, bool hasDotProducts) => work.Sum(node => Nanoseconds(node, hasDotProducts));

    /// <summary>Estimates the time of a node.</summary>
    /// <inheritdoc cref="Nanoseconds(ImmutableArray{NodeWork}, bool)"/>
    public static double Nanoseconds(NodeWork node, bool hasDotProducts)
    {
        ArgumentNullException.ThrowIfNull(node);
        var kernel = KernelOf(node);
        double slowdown = kernel.IsInteger && !hasDotProducts ? WithoutDotProducts : 1;
        double nothing = node.Operator.Length == 0 ? 0 : kernel.Nothing;
        return nothing + slowdown * (kernel.Mac * node.Macs + kernel.Weight * node.Weights) + kernel.Input * node.InputElements + kernel.Output * node.OutputElements;
    }

    static Kernel KernelOf(NodeWork node) => node.Operator[(node.Operator.LastIndexOf('.') + 1)..] switch
    {
        "Conv" or "FusedConv" or "NhwcFusedConv" or "ConvTranspose" => node.IsGrouped ? Grouped : Convolution,
        "QLinearConv" => node.IsGrouped ? IntegerGrouped : IntegerConvolution,
        "ConvInteger" => UnfusedIntegerConvolution,
        "MatMul" or "FusedMatMul" or "TransposeMatMul" or "Gemm" or "FusedGemm" or "Einsum" => Product,
        "QGemm" or "QLinearMatMul" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" or "MatMulInteger" => IntegerProduct,
        "MatMulNBits" => BlockProduct,
        "LSTM" or "GRU" or "RNN" => Recurrence,
        "DynamicQuantizeLSTM" => IntegerRecurrence,
        "Softmax" or "LogSoftmax" or "Exp" or "Pow" => Exponentials,
        "Gelu" or "BiasGelu" or "FastGelu" or "Erf" or "Tanh" or "Sigmoid" or "LayerNormalization" or "SkipLayerNormalization" or "InstanceNormalization" => Smooth,
        "MaxPool" or "NhwcMaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" or "QLinearGlobalAveragePool" or "QLinearAveragePool" => Pooling,
        "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Shape" or "Identity" => NoWork,
        _ => Elementwise,
    };

    // Nanoseconds: for nothing, then for each multiply–accumulate, weight, and element read and made.
    sealed record Kernel(double Nothing, double Mac, double Weight, double Input, double Output)
    {
        public bool IsInteger { get; init; }
    }
}
