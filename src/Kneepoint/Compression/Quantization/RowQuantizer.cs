using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Quantizes the rows of a layer's weight in blocks, with or without the calibration samples.</summary>
/// <param name="Bits">Bits of a code.</param>
/// <param name="BlockSize">Columns of a block.</param>
/// <param name="IsSymmetric">Whether every zero point is 2^(Bits − 1).</param>
/// <param name="Range">How scales are chosen where weights are rounded to nearest.</param>
/// <param name="Rounding">How codes are chosen.</param>
/// <param name="Scales">How scales are stored.</param>
sealed record RowQuantizer(int Bits, int BlockSize, bool IsSymmetric, WeightRange Range, WeightRounding Rounding, StoredScale Scales)
{
    /// <summary>Quantizes.</summary>
    /// <param name="rewrite">Knows the moments of the layer's input.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Its weight.</param>
    public BlockedRows Of(NetworkRewrite rewrite, WeightedLayer layer, WeightRows rows) =>
        (Rounding.IsByData() ? ByData(rewrite, layer, rows) : null)
        ?? ToNearest(rows);

    BlockedRows ToNearest(WeightRows rows)
    {
        var blocked = BlockedRows.Of(rows.Values, rows.Columns, BlockSize, Bits, IsSymmetric, Range);
        return Scales == StoredScale.Logarithmic ? blocked.WithLogarithmicScales(rows.Values, rows.Columns) : blocked;
    }

    BlockedRows? ByData(NetworkRewrite rewrite, WeightedLayer layer, WeightRows rows)
    {
        int offset = 1 << (Bits - 1);
        var wishes = new RoundingWishes(IsSymmetric, LayerBias.IsFree(rewrite, layer), Scales);
        var rounding = new GridRounding(new WeightGrid(rows.Rows, rows.Columns, BlockSize, -offset, offset - 1), wishes);
        if (rewrite.Rounded(layer, rows, rounding, Rounding == WeightRounding.Successive, out string reason) is not RoundedWeight rounded)
        {
            rewrite.RoundedToNearest(layer, reason);
            return null;
        }

        if (wishes.IsBiasFree) LayerBias.Subtract(rewrite, layer, rounded.MeanError);
        var (grid, codes) = (rounded.Grid, rounded.Codes);
        int blocks = grid.Blocks, padded = blocks * BlockSize;
        var made = new BlockedRows(new byte[checked(rows.Rows * padded)], [.. grid.Scales], new byte[grid.ZeroPoints.Length], blocks, BlockSize, Bits);
        for (int i = 0; i < grid.ZeroPoints.Length; i++) made.ZeroPoints[i] = (byte)(grid.ZeroPoints[i] + offset);
        for (int row = 0; row < rows.Rows; row++)
        {
            for (int k = 0; k < padded; k++)
            {
                // Past the columns the zero point stands for 0.
                made.Codes[row * padded + k] = k < rows.Columns
                    ? (byte)(codes[row * rows.Columns + k] + offset)
                    : made.ZeroPoints[row * blocks + k / BlockSize];
            }
        }

        return made;
    }
}
