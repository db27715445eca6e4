using System.Collections.Immutable;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Where stored codes become numbers.</summary>
public enum WeightKernel
{
    /// <summary>The kernel on codes where it is likely to pay, else when the network is loaded.</summary>
    Auto,

    /// <summary>When the network is loaded: the speed and the memory of float.</summary>
    Load,

    /// <summary>In a kernel that works on the codes, where there is one: MatMulNBits, GatherBlockQuantized.</summary>
    Codes,
}

/// <summary>Weights as 8-bit codes with a scale per output channel; activations stay in float.</summary>
/// <remarks>
/// Convolutions unpack their weights once, when the network is loaded, and then run as fast as before. Gemm and large MatMul become
/// the runtime's MatMulNBits, in blocks of 128, which keeps the codes in memory. Tables of Gather stay as codes: only the rows that are picked are
/// dequantized. Known weakness: the memory of a loaded convolution does not shrink.
/// </remarks>
public sealed record WeightInt8 : CompressionMethod
{
    internal const string MethodName = "weight-int8";
    const int ProductBlock = 128;
    const int TableBlock = 256;

    /// <summary>How the scale of weights is chosen.</summary>
    public WeightRange WeightRange { get; init; }

    /// <summary>How codes are chosen.</summary>
    public WeightRounding Rounding { get; init; }

    /// <summary>Where codes become numbers.</summary>
    public WeightKernel Kernel { get; init; }

    /// <inheritdoc/>
    public override bool NeedsMoments => Rounding.IsByData();

    internal override bool IsSuccessive => Rounding == WeightRounding.Successive;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "8-bit weights, float activations";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("weight-range", WeightOptions.Text(WeightRange), "maxabs"), ("rounding", WeightOptions.Text(Rounding), "balanced"), ("kernel", WeightOptions.Text(Kernel), "auto"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [new WeightInt8()];

    internal static CompressionMethod Read(StepOptions options) => new WeightInt8
    {
        WeightRange = options.Choose("weight-range", WeightOptions.Ranges),
        Rounding = options.Choose("rounding", WeightOptions.Roundings),
        Kernel = options.Choose("kernel", WeightOptions.Kernels),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.OpType == "Gather" && TableKernel.WhyNot(layer, 8) is null) return TableKernel.EstimateBytes(layer, 8, TableBlock, isSymmetric: true);
        return layer.WeightCount + layer.WeightDimensions[layer.OutputAxis] * sizeof(float) + 100;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in layers)
        {
            rewrite.RequireFiniteWeights(layer);
            int activationBits = 32;
            if (Kernel != WeightKernel.Load && TableKernel.WhyNot(layer, 8) is null)
            {
                TableKernel.Write(rewrite, layer, 8, TableBlock, isSymmetric: true, WeightRange);
            }
            else if (WeightOptions.UsesProductKernel(Kernel, layer, rewrite.Index))
            {
                ProductKernel.Write(rewrite, layer, new RowQuantizer(8, ProductBlock, IsSymmetric: true, WeightRange, Rounding, StoredScale.Half));
                activationBits = 8;
            }
            else
            {
                rewrite.TakeWeight(layer, rewrite.Once($"{ToText()} {layer.OutputAxis} {layer.WeightName}", () => LoadedWeight.AddInt8(rewrite, layer, this)));
            }

            rewrite.Treated(layer, this, 8, activationBits);
        }
    }
}
