using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Quantizes rows in blocks, each with its own scale and, if asymmetric, its own zero point.</summary>
/// <remarks>
/// Rows [N, K] are cut into B = ceil(K / block) blocks; the last one may be short. With b bits, scale s and zero point z of its block,
/// code = clamp(round(w / s) + z, 0, 2^b − 1), ties to even, stands for (code − z) s. Symmetric: z = 2^(b−1), all codes in use
/// (see <see cref="SymmetricScale"/>). Asymmetric: 0 lies on the grid, s = (max(w, 0) − min(w, 0)) / (2^b − 1), z = round(−min(w, 0) / s). A block of
/// zeros has s = 1 and z = 2^(b−1). Where K is no multiple of the block, codes past K are z, so that they stand for 0.
/// Cost: O(N K), times 43 for the clip of least squared error. Source: [Dettmers2023] section 3; layout of the runtime's MatMulNBits.
/// </remarks>
public static class BlockwiseCodes
{
    const int Candidates = 43;
    const double CandidateStep = 1.0 / 60;

    /// <summary>The number of blocks of a row.</summary>
    public static int BlocksPerRow(int columns, int blockSize) => (columns + blockSize - 1) / blockSize;

    /// <summary>Quantizes.</summary>
    /// <param name="weights">[N, K], row-major, finite.</param>
    /// <param name="columns">K, at least 1.</param>
    /// <param name="blockSize">Weights per block, at least 1.</param>
    /// <param name="bits">b: 2 to 6, or up to 8 if symmetric.</param>
    /// <param name="isSymmetric">Whether every zero point is 2^(b−1).</param>
    /// <param name="range">How a block's scale is chosen.</param>
    /// <param name="codes">[N, B · block]; filled with 0 to 2^b − 1.</param>
    /// <param name="scales">[N, B]; filled with finite numbers that are not zero; negative ones occur if symmetric.</param>
    /// <param name="zeroPoints">[N, B]; filled with 0 to 2^b − 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the bits are not offered.</exception>
    public static void Quantize(
        ReadOnlySpan<float> weights, int columns, int blockSize, int bits, bool isSymmetric, WeightRange range,
        Span<byte> codes, Span<float> scales, Span<byte> zeroPoints)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        if (bits is < 2 or > 8 || (bits > 6 && !isSymmetric)) throw new ArgumentOutOfRangeException(nameof(bits), bits, "Blocks take 2 to 6 bits, or up to 8 if symmetric.");
        int blocks = BlocksPerRow(columns, blockSize);
        int rows = weights.Length / columns;
        if (rows * columns != weights.Length || scales.Length != rows * blocks || zeroPoints.Length != rows * blocks
            || codes.Length != rows * blocks * blockSize)
        {
            throw new ArgumentException(
                $"[{rows}, {columns}] in blocks of {blockSize} takes {rows * blocks} scales and zero points and {rows * blocks * blockSize} codes, "
                + $"not {scales.Length}, {zeroPoints.Length} and {codes.Length} for {weights.Length} weights.");
        }

        int highest = (1 << bits) - 1;
        Span<sbyte> signed = blockSize <= 256 ? stackalloc sbyte[blockSize] : new sbyte[blockSize];
        for (int row = 0; row < rows; row++)
        {
            for (int b = 0; b < blocks; b++)
            {
                var block = weights.Slice(row * columns + b * blockSize, Math.Min(blockSize, columns - b * blockSize));
                var (scale, zeroPoint) = isSymmetric ? Symmetric(block, highest, range) : Asymmetric(block, highest, range);
                int at = row * blocks + b;
                scales[at] = scale;
                zeroPoints[at] = (byte)zeroPoint;
                var destination = codes.Slice(at * blockSize, blockSize);
                destination.Fill((byte)zeroPoint);
                UniformCodes.Quantize(block, scale, -zeroPoint, highest - zeroPoint, signed);
                for (int i = 0; i < block.Length; i++) destination[i] = (byte)(signed[i] + zeroPoint);
            }
        }
    }

    static (float Scale, int ZeroPoint) Symmetric(ReadOnlySpan<float> block, int highest, WeightRange range)
    {
        float scale = SymmetricScale.Of(block, highest / 2, useLowest: true, range);
        return (scale == 0 ? 1 : scale, (highest + 1) / 2);
    }

    static (float Scale, int ZeroPoint) Asymmetric(ReadOnlySpan<float> block, int highest, WeightRange range)
    {
        float high = Math.Max(TensorPrimitives.Max(block), 0);
        float low = Math.Min(TensorPrimitives.Min(block), 0);
        var best = Grid(low, high, highest);
        if (best.Scale == 0) return (1, (highest + 1) / 2);
        if (range == WeightRange.MaxAbs) return best;
        double least = double.PositiveInfinity;
        for (int k = 0; k < Candidates; k++)
        {
            float clip = (float)(1 - k * CandidateStep);
            var candidate = Grid(low * clip, high * clip, highest);
            if (candidate.Scale == 0) break;
            double error = SquaredError.Of(block, candidate.Scale, candidate.ZeroPoint, 0, highest);
            if (error >= least) continue;
            (best, least) = (candidate, error);
        }

        return best;
    }

    static (float Scale, int ZeroPoint) Grid(float low, float high, int highest)
    {
        float scale = (float)(((double)high - low) / highest);
        if (!float.IsNormal(scale)) return (0, 0);
        return (scale, (int)Math.Clamp(MathF.Round(-low / scale, MidpointRounding.ToEven), 0, highest));
    }
}
