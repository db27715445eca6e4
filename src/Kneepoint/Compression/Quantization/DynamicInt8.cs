using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Matrix products in 8-bit integers with activation ranges taken as the network runs: no calibration.</summary>
/// <remarks>
/// MatMul and Gemm become the runtime's DynamicQuantizeMatMul; where several take the same activation, it is quantized once for all of them
/// (DynamicQuantizeLinear, MatMulIntegerToFloat). Biases go into the kernels. Known weakness: the range is that of the whole input tensor, so a sample's
/// result depends, by its rounding, on the others in its batch. Convolutions are not offered: the runtime has no fast kernel for them.
/// </remarks>
public sealed record DynamicInt8 : CompressionMethod
{
    internal const string MethodName = "dynamic-int8";
    const int SharedQuantization = 11;

    /// <summary>How the scale of weights is chosen.</summary>
    public WeightRange WeightRange { get; init; }

    /// <summary>Bits of a code, 4, 7 or 8; arithmetic is in 8 bits. 7 bits are stored in 8, and no processor saturates with them.</summary>
    public int WeightBits
    {
        get; init => field = value is 4 or StaticInt8.SaturationFree or 8 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "WeightBits must be 4, 7 or 8.");
    } = 8;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "8-bit integer matrix products, ranges taken as the network runs";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("weight-range", WeightOptions.Text(WeightRange), "maxabs"), ("weights", WeightBits.ToString(CultureInfo.InvariantCulture), "8"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [new DynamicInt8(), new DynamicInt8 { WeightBits = 4, WeightRange = WeightRange.Mse }, new DynamicInt8 { WeightBits = StaticInt8.SaturationFree }];

    internal static CompressionMethod Read(StepOptions options) => new DynamicInt8
    {
        WeightRange = options.Choose("weight-range", WeightOptions.Ranges),
        WeightBits = options.Choose("weights", ("8", 8), ("7", 7), ("4", 4)),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.OtherArithmetic is { } other ? other : layer.OpType is "MatMul" or "Gemm" ? ProductKernel.WhyNot(layer, index)
            : layer.OpType == "Gather" ? "computes nothing; weight-int8 makes its table smaller" : "has no fast kernel for ranges taken as the network runs";
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return (layer.WeightCount * (WeightBits == 4 ? 4 : 8) + 7) / 8 + layer.OutputChannels * sizeof(float) + 90;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        var users = layers.GroupBy(layer => layer.ActivationInput, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        bool canShare = users.Values.Any(count => count > 1) && NetworkOpset.TryRaise(rewrite, SharedQuantization);
        foreach (var layer in layers)
        {
            var node = layer.Node;
            string activation = node.Input[0];
            rewrite.QuantizedActivations.TryAdd(activation, new ActivationGrid(null));
            var (codes, scales) = AddWeight(rewrite, layer);
            string? bias = layer.OpType == "Gemm" ? LayerBias.AddTo(rewrite, layer) : BiasBehind.Absorb(rewrite, node, layer.OutputChannels);
            node.Attribute.Clear();
            node.Domain = Opsets.Microsoft;
            node.Input.Clear();
            if (canShare && users[layer.ActivationInput] > 1)
            {
                var (shared, scale, zeroPoint) = Quantized(rewrite, activation);
                node.OpType = "MatMulIntegerToFloat";
                node.Input.Add([shared, codes, scale, scales, zeroPoint]);
            }
            else
            {
                node.OpType = "DynamicQuantizeMatMul";
                node.Input.Add([activation, codes, scales]);
            }

            if (bias is not null) node.Input.Add(["", bias]);
            Opsets.Import(rewrite.Model.Proto, Opsets.Microsoft, 1);
            rewrite.Changed();
            rewrite.Treated(layer, this, WeightBits, 8);
        }
    }

    (string Codes, string Scales) AddWeight(NetworkRewrite rewrite, WeightedLayer layer)
    {
        rewrite.RequireFiniteWeights(layer);
        var matrix = WeightRows.Of(rewrite, layer);
        LayerBias.Multiply(matrix.Values, layer.OpType == "Gemm" ? layer.Node.GetFloat("alpha", 1) : 1);
        int highest = (1 << (WeightBits - 1)) - 1;
        int lowest = WeightBits == 8 ? -highest : -highest - 1;
        float[] scales = new float[matrix.Rows];
        PerChannelSymmetric.ChooseScales(matrix.Values, 1, matrix.Columns, highest, WeightBits != 8, WeightRange, scales);
        sbyte[] rows = new sbyte[matrix.Values.Length];
        PerChannelSymmetric.Quantize(matrix.Values, 1, matrix.Columns, scales, lowest, highest, rows);
        sbyte[] codes = new sbyte[rows.Length];
        for (int n = 0; n < matrix.Rows; n++)
        {
            for (int k = 0; k < matrix.Columns; k++) codes[k * matrix.Rows + n] = rows[n * matrix.Columns + k];
        }

        string name = layer.WeightName;
        long[] dims = [matrix.Columns, matrix.Rows];
        string stored = WeightBits == 4 ? PackedCodes.Add(rewrite, name, codes, dims, ElementType.Int8)
            : rewrite.AddInitializer(name + "_q", Tensor.Of<sbyte>(ElementType.Int8, dims, codes));
        return (stored, rewrite.AddInitializer(name + "_s", Tensor.Of([scales.Length], scales)));
    }

    static (string Codes, string Scale, string ZeroPoint) Quantized(NetworkRewrite rewrite, string activation)
    {
        string codes = rewrite.Once("dynamic " + activation, () =>
        {
            string name = rewrite.Fresh(activation + "_q");
            NodeProto node = NodeBuilder.Node("DynamicQuantizeLinear", [activation], [name, name + "_scale", name + "_zero"]);
            return rewrite.Add(node);
        });
        return (codes, codes + "_scale", codes + "_zero");
    }
}
