using Kneepoint.Calibration;

namespace Kneepoint.Compression;

/// <summary>How a variant rounds a value to codes as it runs.</summary>
/// <param name="Fixed">The grid, where it is the same for all samples.</param>
/// <param name="BlockSize">Numbers along the last axis that share a symmetric grid of 8 bits of their own, as kernels for products of few bits have it; 0 where each run of the network has one grid of its own.</param>
readonly record struct ActivationGrid(QuantizationParameters? Fixed, int BlockSize = 0)
{
    const int HighestCode = 127;

    /// <summary>What rounding changes, number by number.</summary>
    /// <param name="values">The value.</param>
    /// <param name="rowLength">Length of its last axis.</param>
    /// <param name="destination">As long as the value: rounded less exact.</param>
    public void FindErrors(ReadOnlySpan<float> values, int rowLength, Span<float> destination)
    {
        if (BlockSize == 0)
        {
            var grid = Fixed ?? GridOf(values);
            for (int i = 0; i < values.Length; i++) destination[i] = grid.Dequantize(grid.Quantize(values[i])) - values[i];
            return;
        }

        for (int row = 0; row < values.Length; row += rowLength)
        {
            for (int start = row; start < row + rowLength; start += BlockSize) RoundBlock(values[start..Math.Min(start + BlockSize, row + rowLength)], destination[start..]);
        }
    }

    static void RoundBlock(ReadOnlySpan<float> block, Span<float> destination)
    {
        float most = 0;
        foreach (float value in block) most = Math.Max(most, Math.Abs(value));
        float scale = most / HighestCode;
        for (int i = 0; i < block.Length; i++) destination[i] = scale > 0 ? MathF.Round(block[i] / scale) * scale - block[i] : 0;
    }

    static QuantizationParameters GridOf(ReadOnlySpan<float> values)
    {
        float low = 0, high = 0;
        foreach (float value in values) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        return QuantizationParameters.Of(new ActivationRange(low, high));
    }
}
