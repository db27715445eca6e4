using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights as 8-bit codes with one scale per output channel; arithmetic stays in float.</summary>
/// <remarks>
/// Convolutions unpack their weights once, when the network is loaded (Cast and Mul of fixed values, which the runtime folds), and then run as
/// fast as before. MatMul and Gemm become the runtime's MatMulNBits, which keeps the codes in memory and multiplies in 8 bits. Tables of Gather stay
/// as codes: only the rows that are picked are dequantized.
/// </remarks>
public sealed record WeightInt8 : CompressionMethod
{
    internal const string MethodName = "weight-int8";

    /// <summary>How the scale of weights is chosen.</summary>
    public WeightRange WeightRange { get; init; }

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "8-bit weights, float arithmetic";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options =>
        StepOptions.Of(("weight-range", WeightRange == WeightRange.Mse ? "mse" : "maxabs", "maxabs"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [new WeightInt8()];

    internal static CompressionMethod Read(StepOptions options) => new WeightInt8
    {
        WeightRange = options.Choose("weight-range", ("maxabs", WeightRange.MaxAbs), ("mse", WeightRange.Mse)),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount + layer.WeightDimensions[layer.OutputAxis] * sizeof(float) + 60;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in layers)
        {
            float[] weights = rewrite.WeightOf(layer);
            var (outer, inner) = layer.Around();
            int channels = (int)layer.WeightDimensions[layer.OutputAxis];
            float[] scales = new float[channels];
            PerChannelSymmetric.ChooseScales(weights, outer, inner, 127, false, WeightRange, scales);
            sbyte[] codes = new sbyte[weights.Length];
            PerChannelSymmetric.Quantize(weights, outer, inner, scales, -127, 127, codes);
            long[] dims = [.. layer.WeightDimensions];
            string stored = rewrite.AddInitializer(layer.WeightName + "_q", Tensor.Of<sbyte>(ElementType.Int8, dims, codes));
            long[] scaleDims = [.. dims.Select((_, axis) => axis == layer.OutputAxis ? channels : 1L)];
            string scale = rewrite.AddInitializer(layer.WeightName + "_s", Tensor.Of(scaleDims, scales));
            string cast = rewrite.Add(NodeBuilder.Node("Cast", [stored], [rewrite.Fresh(layer.WeightName + "_c")]).With("to", (long)ElementType.Float32));
            layer.Node.Input[layer.WeightInput] = rewrite.Add(NodeBuilder.Node("Mul", [cast, scale], [rewrite.Fresh(layer.WeightName + "_w")]));
            rewrite.Treated(layer, this, 8, 32);
        }
    }
}
