using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Replaces MatMul and Gemm by the runtime's MatMulNBits, which multiplies with codes of 4 or 8 bits.</summary>
/// <remarks>
/// Measured at one thread on a processor with VNNI: three to five times as fast as float for one row of activations, level with float for a hundred rows and
/// large matrices, slower (0.6) for thirty rows and small ones. The kernel rounds activations to 8 bits in blocks as it runs (accuracy level 4); the levels
/// that do not are far slower. A bias, also one that an Add behind a MatMul gives, goes into the kernel.
/// </remarks>
static class ProductKernel
{
    // Below, a MatMul of thirty or more rows is slower than float; Gemm has a row per sample.
    const long LeastMatMulWeights = 1 << 18;
    const int RowBytes = 32;

    /// <summary>Why the kernel cannot compute a layer, as a clause; null if it can.</summary>
    public static string? WhyNot(WeightedLayer layer, GraphIndex index) => layer.OtherArithmetic ?? layer.OpType switch
    {
        "MatMul" when layer.WeightInput == 0 || layer.WeightDimensions.Count != 2 => "is no product with one matrix from the right",
        "Gemm" when layer.Node.GetInt("transA", 0) != 0 => "transposes its activation",
        "Gemm" when !LayerBias.IsPerChannel(layer, index) => "adds something other than a fixed number per channel",
        "MatMul" or "Gemm" => null,
        _ => "is no matrix product",
    };

    /// <summary>Whether the kernel is likely to be at least as fast as float.</summary>
    public static bool Pays(WeightedLayer layer) => layer.OpType == "Gemm" || layer.WeightCount >= LeastMatMulWeights;

    /// <summary>Replaces a layer's node.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="layer">A layer that the kernel can compute.</param>
    /// <param name="quantizer">4 or 8 bits in blocks of 16, 32, 64, 128 or 256.</param>
    public static void Write(NetworkRewrite rewrite, WeightedLayer layer, RowQuantizer quantizer)
    {
        var (bits, blockSize, isSymmetric) = (quantizer.Bits, quantizer.BlockSize, quantizer.IsSymmetric);
        var node = layer.Node;
        var rows = WeightRows.Of(rewrite, layer);
        LayerBias.Multiply(rows.Values, layer.OpType == "Gemm" ? node.GetFloat("alpha", 1) : 1);
        var blocked = quantizer.Of(rewrite, layer, rows);
        string name = layer.WeightName;
        string? bias = layer.OpType == "Gemm" ? LayerBias.AddTo(rewrite, layer) : BiasBehind.Absorb(rewrite, node, rows.Rows);
        string codes = rewrite.AddInitializer(name + "_q",
            Tensor.Of<byte>(ElementType.UInt8, [rows.Rows, blocked.Blocks, (long)blockSize * bits / 8], blocked.PackedCodes()));
        string scales = quantizer.Scales.Add(rewrite, name, blocked.Scales, [rows.Rows, blocked.Blocks]);
        string zeroPoints = "";
        if (!isSymmetric)
        {
            byte[] packed = blocked.PackedZeroPoints();
            zeroPoints = rewrite.AddInitializer(name + "_z", Tensor.Of<byte>(ElementType.UInt8, [rows.Rows, packed.Length / Math.Max(1, rows.Rows)], packed));
        }

        string activation = node.Input[0];
        rewrite.QuantizedActivations.TryAdd(activation, new ActivationGrid(null, blockSize));
        node.Attribute.Clear();
        node.OpType = "MatMulNBits";
        node.Domain = Opsets.Microsoft;
        node.With("K", (long)rows.Columns).With("N", (long)rows.Rows).With("bits", (long)bits).With("block_size", (long)blockSize).With("accuracy_level", 4L);
        node.Input.Clear();
        node.Input.Add([activation, codes, scales]);
        if (zeroPoints.Length > 0 || bias is not null) node.Input.Add(zeroPoints);
        if (bias is not null) node.Input.Add(["", bias]);
        Opsets.Import(rewrite.Model.Proto, Opsets.Microsoft, 1);
        rewrite.Changed();
    }

    /// <summary>The bytes of a layer in this form.</summary>
    public static long EstimateBytes(WeightedLayer layer, int bits, int blockSize, bool isSymmetric)
    {
        long rows = layer.OutputChannels;
        long blocks = (layer.ReductionLength + blockSize - 1) / blockSize;
        return rows * blocks * (blockSize * bits / 8 + 2) + (isSymmetric ? 0 : rows * ((blocks * bits + 7) / 8)) + 3 * RowBytes;
    }
}
