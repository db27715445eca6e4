namespace Kneepoint.Compression.Quantization;

/// <summary>Rows quantized in blocks.</summary>
/// <param name="Codes">[R, B · block].</param>
/// <param name="Scales">[R, B].</param>
/// <param name="ZeroPoints">[R, B].</param>
/// <param name="Blocks">B, blocks per row.</param>
/// <param name="BlockSize">Weights per block.</param>
/// <param name="Bits">Bits per code.</param>
sealed record BlockedRows(byte[] Codes, float[] Scales, byte[] ZeroPoints, int Blocks, int BlockSize, int Bits)
{
    /// <summary>Quantizes rows.</summary>
    public static BlockedRows Of(ReadOnlySpan<float> values, int columns, int blockSize, int bits, bool isSymmetric, WeightRange range)
    {
        int blocks = BlockwiseCodes.BlocksPerRow(columns, blockSize);
        int all = checked(values.Length / columns * blocks);
        var rows = new BlockedRows(new byte[checked(all * blockSize)], new float[all], new byte[all], blocks, blockSize, bits);
        BlockwiseCodes.Quantize(values, columns, blockSize, bits, isSymmetric, range, rows.Codes, rows.Scales, rows.ZeroPoints);
        return rows;
    }

    /// <summary>The same with scales in 8 bits, and the codes nearest for these.</summary>
    /// <param name="values">[R, K], what was quantized.</param>
    /// <param name="columns">K.</param>
    public BlockedRows WithLogarithmicScales(ReadOnlySpan<float> values, int columns)
    {
        var rounded = this with { Scales = [.. Scales], Codes = [.. Codes] };
        int highest = (1 << Bits) - 1;
        sbyte[] signed = new sbyte[BlockSize];
        for (int at = 0; at < rounded.Scales.Length; at++)
        {
            int begin = at % Blocks * BlockSize, zeroPoint = ZeroPoints[at];
            var block = values.Slice(at / Blocks * columns + begin, Math.Min(BlockSize, columns - begin));
            double least = double.PositiveInfinity;
            foreach (float scale in LogarithmicScales.Around(Scales[at]))
            {
                double error = SquaredError.Of(block, scale, zeroPoint, 0, highest);
                if (error < least) (rounded.Scales[at], least) = (scale, error);
            }

            UniformCodes.Quantize(block, rounded.Scales[at], -zeroPoint, highest - zeroPoint, signed);
            for (int i = 0; i < block.Length; i++) rounded.Codes[at * BlockSize + i] = (byte)(signed[i] + zeroPoint);
        }

        return rounded;
    }

    /// <summary>The codes as bytes, two to a byte if they have 4 bits; blocks are of even size.</summary>
    public byte[] PackedCodes() => Bits == 8 ? Codes : Pack(Codes, Codes.Length);

    /// <summary>The zero points as bytes; each row begins at a whole byte.</summary>
    public byte[] PackedZeroPoints() => Bits == 8 ? ZeroPoints : Pack(ZeroPoints, Blocks);

    static byte[] Pack(byte[] codes, int rowLength)
    {
        int rowBytes = Int4Packing.ByteCount(rowLength);
        byte[] packed = new byte[codes.Length / Math.Max(1, rowLength) * rowBytes];
        for (int row = 0; row * rowLength < codes.Length; row++)
        {
            for (int i = 0; i < rowLength; i++) packed[row * rowBytes + i / 2] |= (byte)(codes[row * rowLength + i] << (i % 2 * 4));
        }

        return packed;
    }
}
