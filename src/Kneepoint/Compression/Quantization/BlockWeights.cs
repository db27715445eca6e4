using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights as codes of 2 to 6 bits in blocks, each with its own scale; activations stay in float.</summary>
/// <remarks>
/// All codes are used. With rounding by data (<see cref="DataRounding"/>) each layer's outputs on the calibration samples change least; rounding to nearest clips each block where
/// its squared error is least. Convolutions unpack when the network is loaded; with 4 bits Gemm and large MatMul become MatMulNBits, tables of
/// Gather become GatherBlockQuantized, which keep the codes in memory. Other bits are stored in planes of 4, 2 and 1 bits and unpack at load.
/// Blocks run along the products that are summed; a size that does not divide them is lowered to a divisor, or the last block is padded.
/// Known weakness: below 4 bits small networks lose accuracy however they are rounded. Source: [Dettmers2023], [Frantar2023].
/// </remarks>
public sealed record BlockWeights : CompressionMethod
{
    internal const string Prefix = "weight-int";
    const int UnpackBytes = 170;
    const int PlaneBytes = 160;

    internal static ImmutableArray<int> AllBits { get; } = [2, 3, 4, 5, 6];

    /// <summary>Bits of a code: 2 to 6.</summary>
    public int Bits
    {
        get; init => field = AllBits.Contains(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Bits must be 2 to 6.");
    } = 4;

    /// <summary>Weights per block: 32, 64 or 128; 0 for whole rows, a scale for each output channel.</summary>
    public int BlockSize
    {
        get; init => field = value is 0 or 32 or 64 or 128 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "BlockSize must be 0, 32, 64 or 128.");
    } = 32;

    /// <summary>Whether there are no zero points.</summary>
    public bool IsSymmetric { get; init; } = true;

    /// <summary>How codes are chosen.</summary>
    public WeightRounding Rounding { get; init; }

    /// <summary>How the scale of a block is chosen where weights are rounded to nearest.</summary>
    public WeightRange WeightRange { get; init; } = WeightRange.Mse;

    /// <summary>Where codes become numbers.</summary>
    public WeightKernel Kernel { get; init; }

    /// <summary>Bits of a scale: 16, or 8 of a logarithmic grid that the network shares. Kernels on tables keep 16.</summary>
    public int ScaleBits
    {
        get; init => field = value is 8 or 16 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "ScaleBits must be 8 or 16.");
    } = 16;

    internal StoredScale Scales => ScaleBits == 8 ? StoredScale.Logarithmic : StoredScale.Half;

    /// <inheritdoc/>
    public override string Name => NameOf(Bits);

    /// <inheritdoc/>
    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"{Bits}-bit weights in blocks, float activations");

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("block", BlockSize == 0 ? "channel" : BlockSize.ToString(CultureInfo.InvariantCulture), "32"),
        ("zero-point", IsSymmetric ? "none" : "block", "none"),
        ("scale-bits", ScaleBits.ToString(CultureInfo.InvariantCulture), "16"),
        ("rounding", WeightOptions.Text(Rounding), "balanced"),
        ("weight-range", WeightOptions.Text(WeightRange), "mse"),
        ("kernel", WeightOptions.Text(Kernel), "auto"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } =
    [
        new BlockWeights { Rounding = WeightRounding.Data, ScaleBits = 8 },
        new BlockWeights { Rounding = WeightRounding.Data, ScaleBits = 8, IsSymmetric = false },
        new BlockWeights { Rounding = WeightRounding.Data, ScaleBits = 8, BlockSize = 128 },
        new BlockWeights { Bits = 3, Rounding = WeightRounding.Data, ScaleBits = 8, BlockSize = 64 },
        new BlockWeights { Bits = 2, Rounding = WeightRounding.Data, ScaleBits = 8, IsSymmetric = false },
    ];

    internal static string NameOf(int bits) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{bits}");

    internal static Func<StepOptions, CompressionMethod> Reader(int bits) => options => new BlockWeights
    {
        Bits = bits,
        BlockSize = options.Choose("block", ("32", 32), ("64", 64), ("128", 128), ("channel", 0)),
        IsSymmetric = options.Choose("zero-point", ("none", true), ("block", false)),
        ScaleBits = options.Choose("scale-bits", ("16", 16), ("8", 8)),
        Rounding = options.Choose("rounding", WeightOptions.Roundings),
        WeightRange = options.Choose("weight-range", WeightOptions.ClippedRanges),
        Kernel = options.Choose("kernel", WeightOptions.Kernels),
    };

    /// <inheritdoc/>
    public override bool NeedsMoments => Rounding.IsByData();

    internal override bool IsSuccessive => Rounding == WeightRounding.Successive;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (IsTable(layer)) return TableKernel.EstimateBytes(layer, 4, KernelBlock, IsSymmetric);
        if (HasKernel && layer.OpType == "Gemm" && Kernel != WeightKernel.Load) return ProductKernel.EstimateBytes(layer, 4, KernelBlock, IsSymmetric);
        long columns = layer.OpType is "MatMul" or "Gemm" || layer.IsRecurrent ? layer.ReductionLength
            : layer.OpType == "Gather" ? layer.WeightDimensions[^1] : layer.WeightCount / Math.Max(1, layer.WeightDimensions[0]);
        int block = LoadedWeight.BlockSize((int)Math.Min(columns, int.MaxValue), BlockSize);
        long blocks = layer.WeightCount / Math.Max(1, columns) * ((columns + block - 1) / block);
        return blocks * block * Bits / 8 + blocks * ScaleBits / 8 + (IsSymmetric ? 0 : blocks / 2) + UnpackBytes + (Bits == 4 ? 0 : PlaneBytes * CodePlanes.Count(Bits));
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in layers)
        {
            rewrite.RequireFiniteWeights(layer);
            int activationBits = 32;
            if (IsTable(layer))
            {
                TableKernel.Write(rewrite, layer, 4, KernelBlock, IsSymmetric, WeightRange);
            }
            else if (HasKernel && WeightOptions.UsesProductKernel(Kernel, layer, rewrite.Index))
            {
                ProductKernel.Write(rewrite, layer, new RowQuantizer(4, KernelBlock, IsSymmetric, WeightRange, Rounding, Scales));
                activationBits = 8;
            }
            else
            {
                // Layers that share a weight but not what they are fed are rounded for the first of them.
                rewrite.TakeWeight(layer, rewrite.Once($"{ToText()} {layer.OutputAxis} {layer.WeightName}", () => LoadedWeight.AddBlocks(rewrite, layer, this)));
            }

            rewrite.Treated(layer, this, Bits, activationBits);
        }
    }

    bool HasKernel => Bits == 4;

    // The kernels have no blocks of whole rows.
    int KernelBlock => BlockSize == 0 ? 128 : BlockSize;

    bool IsTable(WeightedLayer layer) => HasKernel && Kernel != WeightKernel.Load && TableKernel.WhyNot(layer, 4) is null;
}
