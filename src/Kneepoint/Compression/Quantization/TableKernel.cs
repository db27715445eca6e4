using System.Numerics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Replaces Gather from an embedding table by the runtime's GatherBlockQuantized, which dequantizes only the rows that are picked.</summary>
/// <remarks>The table stays packed in memory. Codes are unsigned bytes: the runtime's form for INT4 types is five times slower.</remarks>
static class TableKernel
{
    const int SmallestBlock = 16;
    const int LargestBlock = 256;

    /// <summary>Why the kernel cannot read a table, as a clause; null if it can.</summary>
    public static string? WhyNot(WeightedLayer layer, int bits)
    {
        if (layer.OpType != "Gather" || layer.WeightDimensions.Count != 2) return "is no table of rows";
        if (layer.OtherArithmetic is { } other) return other;
        return bits == 4 && layer.WeightDimensions[1] % 2 != 0 ? "has rows of an odd length" : null;
    }

    /// <summary>The block size in use: one block for a short row.</summary>
    public static int BlockSize(WeightedLayer layer, int wished) =>
        Math.Clamp((int)Math.Min((ulong)wished, BitOperations.RoundUpToPowerOf2((ulong)layer.WeightDimensions[1])), SmallestBlock, LargestBlock);

    /// <summary>Replaces a layer's node.</summary>
    public static void Write(NetworkRewrite rewrite, WeightedLayer layer, int bits, int wishedBlock, bool isSymmetric, WeightRange range)
    {
        var node = layer.Node;
        int blockSize = BlockSize(layer, wishedBlock);
        int rows = (int)layer.WeightDimensions[0];
        int columns = (int)layer.WeightDimensions[1];
        var blocked = BlockedRows.Of(rewrite.WeightOf(layer), columns, blockSize, bits, isSymmetric, range);
        string name = layer.WeightName;
        string codes = rewrite.AddInitializer(name + "_q",
            Tensor.Of<byte>(ElementType.UInt8, [rows, (long)columns * bits / 8], Unpadded(blocked, columns)));
        string scales = HalfScales.Add(rewrite, name, blocked.Scales, [rows, blocked.Blocks]);
        string indices = node.Input[1];
        node.Attribute.Clear();
        node.OpType = "GatherBlockQuantized";
        node.Domain = Opsets.Microsoft;
        node.Input.Clear();
        node.Input.Add([codes, indices, scales]);
        if (!isSymmetric)
        {
            byte[] packed = blocked.PackedZeroPoints();
            node.Input.Add(rewrite.AddInitializer(name + "_z", Tensor.Of<byte>(ElementType.UInt8, [rows, packed.Length / Math.Max(1, rows)], packed)));
        }

        node.With("gather_axis", 0L).With("quantize_axis", 1L).With("bits", (long)bits).With("block_size", (long)blockSize);
        Opsets.Import(rewrite.Model.Proto, Opsets.Microsoft, 1);
        rewrite.Changed();
    }

    /// <summary>The bytes of a table in this form.</summary>
    public static long EstimateBytes(WeightedLayer layer, int bits, int wishedBlock, bool isSymmetric)
    {
        int blockSize = BlockSize(layer, wishedBlock);
        long blocks = (layer.WeightDimensions[1] + blockSize - 1) / blockSize;
        return layer.WeightCount * bits / 8 + layer.WeightDimensions[0] * (blocks * 2 + (isSymmetric ? 0 : (blocks * bits + 7) / 8)) + 120;
    }

    // The kernel's rows end with the table's columns, not with a whole block.
    static byte[] Unpadded(BlockedRows blocked, int columns)
    {
        byte[] packed = blocked.PackedCodes();
        int padded = blocked.Blocks * blocked.BlockSize * blocked.Bits / 8;
        int bytes = columns * blocked.Bits / 8;
        if (padded == bytes) return packed;
        byte[] rows = new byte[packed.Length / padded * bytes];
        for (int row = 0; row * bytes < rows.Length; row++) packed.AsSpan(row * padded, bytes).CopyTo(rows.AsSpan(row * bytes));
        return rows;
    }
}
