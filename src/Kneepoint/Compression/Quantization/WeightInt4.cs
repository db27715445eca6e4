using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights as 4-bit codes in blocks, each with its own scale; activations stay in float.</summary>
/// <remarks>
/// All sixteen codes are used, and by default each block is clipped where its squared error is least. Convolutions unpack when the network is
/// loaded; Gemm and large MatMul become MatMulNBits, tables of Gather become GatherBlockQuantized, which keep the codes in memory.
/// Blocks run along the products that are summed; a size that does not divide them is lowered to a divisor, or the last block is padded.
/// Known weakness: rounding to nearest at 4 bits costs accuracy in small networks. Source: [Dettmers2023].
/// </remarks>
public sealed record WeightInt4 : CompressionMethod
{
    internal const string MethodName = "weight-int4";
    const int UnpackBytes = 170;

    /// <summary>Weights per block: 32, 64 or 128.</summary>
    public int BlockSize
    {
        get; init => field = value is 32 or 64 or 128 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "BlockSize must be 32, 64 or 128.");
    } = 32;

    /// <summary>Whether there are no zero points.</summary>
    public bool IsSymmetric { get; init; } = true;

    /// <summary>How the scale of a block is chosen.</summary>
    public WeightRange WeightRange { get; init; } = WeightRange.Mse;

    /// <summary>Where codes become numbers.</summary>
    public WeightKernel Kernel { get; init; }

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "4-bit weights in blocks, float activations";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("block", BlockSize.ToString(CultureInfo.InvariantCulture), "32"),
        ("zero-point", IsSymmetric ? "none" : "block", "none"),
        ("weight-range", WeightOptions.Text(WeightRange), "mse"),
        ("kernel", WeightOptions.Text(Kernel), "auto"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } =
        [new WeightInt4(), new WeightInt4 { IsSymmetric = false }, new WeightInt4 { BlockSize = 128 }];

    internal static CompressionMethod Read(StepOptions options) => new WeightInt4
    {
        BlockSize = options.Choose("block", ("32", 32), ("64", 64), ("128", 128)),
        IsSymmetric = options.Choose("zero-point", ("none", true), ("block", false)),
        WeightRange = options.Choose("weight-range", WeightOptions.ClippedRanges),
        Kernel = options.Choose("kernel", WeightOptions.Kernels),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (Kernel != WeightKernel.Load && TableKernel.WhyNot(layer, 4) is null) return TableKernel.EstimateBytes(layer, 4, BlockSize, IsSymmetric);
        if (layer.OpType == "Gemm" && Kernel != WeightKernel.Load) return ProductKernel.EstimateBytes(layer, 4, BlockSize, IsSymmetric);
        long columns = layer.OpType is "MatMul" or "Gemm" ? layer.ReductionLength
            : layer.OpType == "Gather" ? layer.WeightDimensions[^1] : layer.WeightCount / Math.Max(1, layer.WeightDimensions[0]);
        int block = LoadedWeight.BlockSize((int)Math.Min(columns, int.MaxValue), BlockSize);
        long blocks = layer.WeightCount / Math.Max(1, columns) * ((columns + block - 1) / block);
        return blocks * block / 2 + blocks * 2 + (IsSymmetric ? 0 : blocks / 2) + UnpackBytes;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in layers)
        {
            rewrite.RequireFiniteWeights(layer);
            int activationBits = 32;
            if (Kernel != WeightKernel.Load && TableKernel.WhyNot(layer, 4) is null)
            {
                TableKernel.Write(rewrite, layer, 4, BlockSize, IsSymmetric, WeightRange);
            }
            else if (WeightOptions.UsesProductKernel(Kernel, layer, rewrite.Index))
            {
                ProductKernel.Write(rewrite, layer, 4, BlockSize, IsSymmetric, WeightRange);
                activationBits = 8;
            }
            else
            {
                layer.Node.Input[layer.WeightInput] =
                    rewrite.Once($"{ToText()} {layer.OutputAxis} {layer.WeightName}", () => LoadedWeight.AddInt4(rewrite, layer, this));
                rewrite.Changed();
            }

            rewrite.Treated(layer, this, 4, activationBits);
        }
    }
}
