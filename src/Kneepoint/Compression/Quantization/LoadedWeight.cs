using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights stored as codes and scales that become float when the network is loaded: (codes − zero points) · scales.</summary>
/// <remarks>
/// Cast, Sub and Mul of fixed values are folded by the runtime at load under its default settings, so the layer then runs exactly as a float layer, in the
/// layout that is best for it. The file shrinks; the memory of the loaded network does not.
/// </remarks>
static class LoadedWeight
{
    /// <summary>Adds signed 8-bit codes with one scale per output channel.</summary>
    /// <returns>The value that holds the float weight in its own shape.</returns>
    public static string AddInt8(NetworkRewrite rewrite, WeightedLayer layer, WeightInt8 method)
    {
        var (codes, scales) = method.Rounding.IsByData() && ChannelCodes.ByData(rewrite, layer, 8, method.IsSuccessive) is { } rounded
            ? ByData(rewrite, layer, rounded) : Nearest(rewrite, layer, method);
        string name = layer.WeightName;
        string stored = rewrite.AddInitializer(name + "_q", Tensor.Of<sbyte>(ElementType.Int8, [.. layer.WeightDimensions], codes));
        string numbers = rewrite.Add(NodeBuilder.Node("Cast", [stored], [rewrite.Fresh(name + "_c")]).With("to", (long)ElementType.Float32));
        string scale = rewrite.AddInitializer(name + "_s", Tensor.Of(ChannelShape(layer), scales));
        return rewrite.Add(NodeBuilder.Node("Mul", [numbers, scale], [rewrite.Fresh(name + "_w")]));
    }

    static (sbyte[] Codes, float[] Scales) ByData(NetworkRewrite rewrite, WeightedLayer layer, ChannelCodes rounded)
    {
        if (rounded.MeanError.Length > 0) LayerBias.Subtract(rewrite, layer, rounded.MeanError);
        return (rounded.Codes, rounded.Scales);
    }

    static (sbyte[] Codes, float[] Scales) Nearest(NetworkRewrite rewrite, WeightedLayer layer, WeightInt8 method)
    {
        float[] weights = rewrite.WeightOf(layer);
        var (outer, inner) = layer.Around();
        float[] scales = new float[layer.WeightDimensions[layer.OutputAxis]];
        PerChannelSymmetric.ChooseScales(weights, outer, inner, 127, useLowest: false, method.WeightRange, scales);
        sbyte[] codes = new sbyte[weights.Length];
        PerChannelSymmetric.Quantize(weights, outer, inner, scales, -127, 127, codes);
        if (layer.OpType == "Conv" && method.Rounding != WeightRounding.Nearest) BalancedRounding.Apply(weights, scales.Length, layer.KernelSize(), scales, -127, 127, codes);
        return (codes, scales);
    }

    /// <summary>Adds codes in blocks.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="method">Bits, block size, symmetry, range and rounding.</param>
    /// <returns>The value that holds the float weight in its own shape.</returns>
    public static string AddBlocks(NetworkRewrite rewrite, WeightedLayer layer, BlockWeights method)
    {
        var rows = WeightRows.Of(rewrite, layer);
        int block = BlockSize(rows.Columns, method.BlockSize), offset = 1 << (method.Bits - 1);
        var codes = new RowQuantizer(method.Bits, block, method.IsSymmetric, method.WeightRange, method.Rounding, method.Scales).Of(rewrite, layer, rows);
        string name = layer.WeightName;
        long blocks = codes.Scales.Length;
        if (layer.OpType == "Conv" && method is { IsSymmetric: true, Rounding: WeightRounding.Balanced } && rows.Columns % block == 0)
        {
            Balance(rows, layer.KernelSize(), block, offset, codes);
        }

        string numbers = Add(rewrite, name, codes.Codes, method.Bits, offset, [blocks, block]);
        if (!method.IsSymmetric)
        {
            string zeroPoints = Add(rewrite, name + "_z", codes.ZeroPoints, method.Bits, offset, [blocks, 1]);
            numbers = rewrite.Add(NodeBuilder.Node("Sub", [numbers, zeroPoints], [rewrite.Fresh(name + "_d")]));
        }

        string scales = method.Scales.Add(rewrite, name, codes.Scales, [blocks, 1]);
        string weight = rewrite.Add(NodeBuilder.Node("Mul", [numbers, scales], [rewrite.Fresh(name + "_w")]));
        return rows.WriteShape(rewrite, name, weight, PaddedColumns(rows.Columns, block));
    }

    // Each block has its own step, so errors are balanced within blocks.
    static void Balance(WeightRows rows, int kernelSize, int block, int offset, BlockedRows codes)
    {
        sbyte[] signed = Array.ConvertAll(codes.Codes, code => (sbyte)(code - offset));
        BalancedRounding.Apply(rows.Values, codes.Scales.Length, block % kernelSize == 0 ? kernelSize : 1, codes.Scales, -offset, offset - 1, signed);
        for (int i = 0; i < signed.Length; i++) codes.Codes[i] = (byte)(signed[i] + offset);
    }

    static string Add(NetworkRewrite rewrite, string stem, byte[] codes, int bits, int offset, ReadOnlySpan<long> dimensions) => bits == 4
        ? PackedCodes.Add(rewrite, stem, Array.ConvertAll(codes, code => (sbyte)(code - offset)), dimensions, ElementType.Float32)
        : CodePlanes.Add(rewrite, stem, codes, bits, offset, dimensions);

    /// <summary>The block size in use: a divisor of the columns near the wished size if there is one, so that nothing is padded.</summary>
    internal static int BlockSize(int columns, int wished)
    {
        if (wished == 0 || columns <= wished) return columns;
        for (int block = wished; 2 * block >= wished; block--)
        {
            if (columns % block == 0) return block;
        }

        return wished;
    }

    static int PaddedColumns(int columns, int block) => (columns + block - 1) / block * block;

    static long[] ChannelShape(WeightedLayer layer)
    {
        long[] shape = new long[layer.WeightDimensions.Count];
        shape.AsSpan().Fill(1);
        shape[layer.OutputAxis] = layer.WeightDimensions[layer.OutputAxis];
        return shape;
    }
}
