using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Calibration;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Integer arithmetic with ranges that calibration found: unsigned 8-bit activations, signed weights.</summary>
/// <remarks>
/// The layer and the operators between such layers are wrapped in QuantizeLinear and DequantizeLinear in the pattern that ONNX Runtime fuses to integer
/// kernels. Weights are stored as 8-bit codes, or as 4-bit codes that are widened when the network is loaded. Known weakness: on processors without
/// VNNI, products of neighbouring pairs may saturate; networks with wide outliers in activations lose accuracy.
/// Source: [Jacob2018]; pattern by measurement on ONNX Runtime 1.31.1.
/// </remarks>
public sealed record StaticInt8 : CompressionMethod
{
    internal const string MethodName = "static-int8";
    const int NodeBytes = 110;

    /// <summary>How the range of activations is chosen.</summary>
    public RangeMethod Range { get; init; } = RangeMethod.MinMax;

    /// <summary>How the scale of weights is chosen.</summary>
    public WeightRange WeightRange { get; init; }

    /// <summary>Whether each output channel has its own weight scale.</summary>
    public bool IsPerChannel { get; init; } = true;

    /// <summary>Bits of a code, 4, 7 or 8; arithmetic is in 8 bits. 7 bits are stored in 8: sums of two products then fit into 16 bits on every processor (<see cref="SaturationFree"/>).</summary>
    public int WeightBits
    {
        get; init => field = value is 4 or SaturationFree or 8 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "WeightBits must be 4, 7 or 8.");
    } = 8;

    /// <summary>Bits of a code with which no processor saturates.</summary>
    internal const int SaturationFree = 7;

    /// <summary>Bits that a code takes in the file.</summary>
    internal int StoredBits => WeightBits == 4 ? 4 : 8;

    /// <summary>How the codes of weights are chosen.</summary>
    public WeightRounding Rounding { get; init; }

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "8-bit integer arithmetic with calibrated ranges (QDQ)";

    /// <inheritdoc/>
    public override bool NeedsActivations => true;

    /// <inheritdoc/>
    public override bool NeedsMoments => Rounding.IsByData();

    internal override bool IsSuccessive => Rounding == WeightRounding.Successive;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("range", Range.Name, "minmax"),
        ("percentile", Range.Kind == RangeKind.Percentile && Range != RangeMethod.Percentile() ? Range.Percent.ToString(CultureInfo.InvariantCulture) : "", ""),
        ("weight-range", WeightOptions.Text(WeightRange), "maxabs"),
        ("scales", IsPerChannel ? "channel" : "tensor", "channel"),
        ("weights", WeightBits.ToString(CultureInfo.InvariantCulture), "8"),
        ("rounding", WeightOptions.Text(Rounding), "balanced"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } =
    [
        new StaticInt8(),
        new StaticInt8 { Range = RangeMethod.Percentile() },
        new StaticInt8 { Range = RangeMethod.MseOptimal, WeightRange = WeightRange.Mse },
        new StaticInt8 { Range = RangeMethod.Entropy },
        new StaticInt8 { Range = RangeMethod.Percentile(), Rounding = WeightRounding.Data, WeightBits = 4 },
        new StaticInt8 { WeightBits = SaturationFree },
        new StaticInt8 { Range = RangeMethod.Percentile(), WeightBits = SaturationFree },
        new StaticInt8 { Range = RangeMethod.Percentile(), Rounding = WeightRounding.Data, WeightBits = SaturationFree },
    ];

    internal static CompressionMethod Read(StepOptions options)
    {
        var method = new StaticInt8
        {
            Range = ReadRange(options),
            WeightRange = options.Choose("weight-range", WeightOptions.Ranges),
            IsPerChannel = options.Choose("scales", ("channel", true), ("tensor", false)),
            WeightBits = options.Choose("weights", ("8", 8), ("7", 7), ("4", 4)),
            Rounding = options.Choose("rounding", WeightOptions.Roundings),
        };
        return method.Rounding.IsByData() && !method.IsPerChannel
            ? throw new RecipeNotApplicableException($"Step '{MethodName}': rounding by data needs scales=channel, not scales=tensor.")
            : method;
    }

    static RangeMethod ReadRange(StepOptions options)
    {
        string range = options.Text("range", "minmax", RangeMethod.Names);
        string? percentile = options.Text("percentile", "");
        try
        {
            return RangeMethod.Parse(range, percentile.Length > 0 ? percentile : null);
        }
        catch (FormatException exception)
        {
            throw new RecipeNotApplicableException($"Step '{MethodName}': {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(index);
        return layer.OtherArithmetic ?? layer.Recurrent ?? layer.OpType switch
        {
            "Conv" or "Gemm" when !LayerBias.IsPerChannel(layer, index) => "adds something other than a fixed number per channel",
            "ConvTranspose" => "has no integer kernel in the runtime; weight-int8 makes it smaller",
            "Gather" => "computes nothing; weight-int8 makes its table smaller",
            "Gemm" when layer.Node.GetInt("transA", 0) != 0 => "transposes its activation",
            "MatMul" when layer.WeightInput == 0 => "has its weight as the first factor",
            "MatMul" when layer.WeightDimensions.Count > 2 => "has one weight matrix per batch entry",
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        long scales = IsPerChannel ? layer.WeightDimensions[layer.OutputAxis] : 1;
        return (layer.WeightCount * StoredBits + 7) / 8 + scales * sizeof(float) + NodeBytes;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers) =>
        throw new InvalidOperationException("Layers of static INT8 are planned together.");
}
