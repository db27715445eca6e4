using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>A layer's weight as signed 8-bit codes for integer arithmetic, and its bias.</summary>
/// <remarks>
/// The runtime adds the bias as int32 in steps of s_x s_c (input scale times channel scale). A channel with small weights and a large bias
/// would overflow there, so its scale is raised until the bias takes at most 2^30 steps; the weights that become 0 by this are below 2^-30 of the bias.
/// </remarks>
sealed class IntegerWeight
{
    const double MostBiasSteps = 1 << 30;

    readonly WeightedLayer _layer;
    readonly StaticInt8 _method;
    readonly sbyte[] _codes;
    readonly float[] _scales;
    readonly float[]? _bias;
    readonly long[] _dims;

    IntegerWeight(WeightedLayer layer, StaticInt8 method, sbyte[] codes, float[] scales, float[]? bias, long[] dims) =>
        (_layer, _method, _codes, _scales, _bias, _dims) = (layer, method, codes, scales, bias, dims);

    /// <summary>The number of output channels.</summary>
    public long Channels => _dims[_layer.OutputAxis];

    /// <summary>Quantizes.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="method">Options.</param>
    /// <param name="layer">A Conv, Gemm or MatMul.</param>
    /// <param name="inputScale">The step of the layer's input.</param>
    /// <param name="padding">Channels of zeros around those of a Conv.</param>
    public static IntegerWeight Of(NetworkRewrite rewrite, StaticInt8 method, WeightedLayer layer, float inputScale, ChannelPadding padding = default)
    {
        rewrite.RequireFiniteWeights(layer);
        float[]? bias = LayerBias.Of(rewrite, layer);
        var (codes, scales) = method.Rounding.IsByData() && ByData(rewrite, method, layer, ref bias, inputScale) is { } fitted
            ? fitted : Nearest(rewrite, method, layer, bias, inputScale);
        long[] dims = [.. layer.WeightDimensions];
        if (padding.Outputs > 0 || padding.Inputs > 0) (codes, scales, bias, dims) = Pad(codes, scales, bias, dims, padding, method.IsPerChannel);
        return new IntegerWeight(layer, method, codes, scales, bias, dims);
    }

    // What rounding shifts a convolution's outputs by goes into its bias.
    static (sbyte[] Codes, float[] Scales)? ByData(NetworkRewrite rewrite, StaticInt8 method, WeightedLayer layer, ref float[]? bias, float inputScale)
    {
        if (ChannelCodes.ByData(rewrite, layer, method.WeightBits, method.IsSuccessive) is not { } rounded) return null;
        LayerBias.Multiply(rounded.Scales, layer.OpType == "Gemm" ? layer.Node.GetFloat("alpha", 1) : 1);
        float[]? corrected = bias;
        if (rounded.MeanError.Length > 0)
        {
            corrected = new float[rounded.MeanError.Length];
            for (int c = 0; c < corrected.Length; c++) corrected[c] = (float)((bias is null ? 0 : bias[c]) - rounded.MeanError[c]);
        }

        float[] scales = [.. rounded.Scales];
        FitBias(scales, corrected, inputScale);
        Vanish(layer, rounded.Codes, rounded.Scales, scales);
        bias = corrected;
        return (rounded.Codes, scales);
    }

    static (sbyte[] Codes, float[] Scales) Nearest(NetworkRewrite rewrite, StaticInt8 method, WeightedLayer layer, float[]? bias, float inputScale)
    {
        float[] weights = rewrite.WeightOf(layer);
        LayerBias.Multiply(weights, layer.OpType == "Gemm" ? layer.Node.GetFloat("alpha", 1) : 1);
        int channels = (int)layer.WeightDimensions[layer.OutputAxis];
        var (outer, inner) = layer.Around();
        int highest = (1 << (method.WeightBits - 1)) - 1;
        bool useLowest = method.WeightBits != 8;
        float[] scales = new float[method.IsPerChannel ? channels : 1];
        if (method.IsPerChannel) PerChannelSymmetric.ChooseScales(weights, outer, inner, highest, useLowest, method.WeightRange, scales);
        else PerChannelSymmetric.ChooseScales(weights, 1, weights.Length, highest, useLowest, method.WeightRange, scales);
        FitBias(scales, bias, inputScale);
        sbyte[] codes = new sbyte[weights.Length];
        int lowest = useLowest ? -highest - 1 : -highest;
        if (method.IsPerChannel) PerChannelSymmetric.Quantize(weights, outer, inner, scales, lowest, highest, codes);
        else PerChannelSymmetric.Quantize(weights, 1, weights.Length, scales, lowest, highest, codes);
        if (layer.OpType == "Conv" && method.Rounding != WeightRounding.Nearest) BalancedRounding.Apply(weights, channels, layer.KernelSize(), scales, lowest, highest, codes);
        return (codes, scales);
    }

    static (sbyte[] Codes, float[] Scales, float[]? Bias, long[] Dims) Pad(
        ReadOnlySpan<sbyte> codes, float[] scales, float[]? bias, long[] dims, ChannelPadding padding, bool isPerChannel)
    {
        int kernel = codes.Length / checked((int)(dims[0] * dims[1]));
        int row = checked((int)dims[1]) * kernel;
        long outputs = padding.Outputs > 0 ? padding.Outputs : dims[0];
        long inputs = padding.Inputs > 0 ? padding.Inputs : dims[1];
        int paddedRow = checked((int)inputs * kernel);
        sbyte[] padded = new sbyte[checked(outputs * paddedRow)];
        for (int o = 0; o < dims[0]; o++) codes.Slice(o * row, row).CopyTo(padded.AsSpan(o * paddedRow));
        // Any scale serves a channel of zeros.
        float[] paddedScales = isPerChannel ? [.. scales, .. Enumerable.Repeat(scales[^1], checked((int)outputs) - scales.Length)] : scales;
        float[]? paddedBias = bias is null ? null : [.. bias, .. new float[outputs - bias.Length]];
        return (padded, paddedScales, paddedBias, [outputs, inputs, .. dims[2..]]);
    }

    /// <summary>Puts weight and bias into a layer between QuantizeLinear and DequantizeLinear.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="node">The layer's node.</param>
    /// <param name="inputScale">The step of the layer's input.</param>
    /// <param name="isBiasInteger">Whether the bias is written as int32: a Gemm that gives float fuses only so. Elsewhere the runtime does it itself, and the file is smaller.</param>
    public void WriteInputs(NetworkRewrite rewrite, NodeProto node, float inputScale, bool isBiasInteger)
    {
        var (codes, scales) = WriteCodes(rewrite);
        var dequantize = NodeBuilder.Node("DequantizeLinear", [codes, scales], [rewrite.Fresh(_layer.WeightName + "_d")]);
        if (_layer.OpType == "Gemm") dequantize.Input.Add(WriteZeroPoints(rewrite));
        if (_method.IsPerChannel) dequantize.With("axis", _layer.OutputAxis);
        node.Input[1] = rewrite.Add(dequantize);
        if (_bias is null) return;
        while (node.Input.Count < 3) node.Input.Add("");
        node.Input[2] = isBiasInteger ? WriteIntegerBias(rewrite, inputScale)
            : rewrite.AddInitializer((_layer.BiasName ?? _layer.WeightName) + "_b", Tensor.Of([_bias.Length], _bias));
        node.Without("alpha").Without("beta");
    }

    /// <summary>Writes codes and scales.</summary>
    /// <returns>The values with the codes, in the weight's shape, int8, and the scales.</returns>
    public (string Codes, string Scales) WriteCodes(NetworkRewrite rewrite)
    {
        _layer.Node.Without("alpha");
        string codes = _method.WeightBits == 4
            ? PackedCodes.Add(rewrite, _layer.WeightName, _codes, _dims, ElementType.Int8)
            : rewrite.AddInitializer(_layer.WeightName + "_q", Tensor.Of<sbyte>(ElementType.Int8, _dims, _codes));
        string scales = rewrite.AddInitializer(_layer.WeightName + "_s", Tensor.Of(_method.IsPerChannel ? [_scales.Length] : [], _scales));
        return (codes, scales);
    }

    string WriteZeroPoints(NetworkRewrite rewrite) => rewrite.AddInitializer(_layer.WeightName + "_z",
        Tensor.Of<sbyte>(ElementType.Int8, _method.IsPerChannel ? [_scales.Length] : [], new sbyte[_scales.Length]));

    string WriteIntegerBias(NetworkRewrite rewrite, float inputScale)
    {
        int[] steps = new int[_bias!.Length];
        float[] scales = new float[_scales.Length];
        for (int c = 0; c < scales.Length; c++) scales[c] = inputScale * _scales[c];
        for (int c = 0; c < steps.Length; c++) steps[c] = (int)Math.Round(_bias[c] / (double)scales[c % scales.Length], MidpointRounding.ToEven);
        var dequantize = NodeBuilder.Node("DequantizeLinear",
        [
            rewrite.AddInitializer(_layer.BiasName + "_q", Tensor.Of<int>(ElementType.Int32, [steps.Length], steps)),
            rewrite.AddInitializer(_layer.BiasName + "_s", Tensor.Of(_method.IsPerChannel ? [scales.Length] : [], scales)),
        ], [rewrite.Fresh(_layer.BiasName + "_d")]);
        if (_method.IsPerChannel) dequantize.With("axis", 0);
        return rewrite.Add(dequantize);
    }

    // Codes of channels whose scale was raised for the sake of their bias.
    static void Vanish(WeightedLayer layer, Span<sbyte> codes, ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        int inner = layer.Around().Inner;
        for (int i = 0; i < codes.Length; i++)
        {
            int channel = i / inner % after.Length;
            if (before[channel] != after[channel]) codes[i] = (sbyte)Math.Round(codes[i] * (double)before[channel] / after[channel], MidpointRounding.ToEven);
        }
    }

    static void FitBias(float[] scales, float[]? bias, float inputScale)
    {
        for (int c = 0; c < bias?.Length; c++)
        {
            ref float scale = ref scales[c % scales.Length];
            double least = Math.Abs((double)bias[c]) / (inputScale * MostBiasSteps);
            if (Math.Abs(scale) < least) scale = MathF.CopySign((float)least, scale);
        }
    }
}
