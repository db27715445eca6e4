using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounding to codes of so many bits, with scales of their own for rows or blocks.</summary>
/// <param name="Shape">Block size and codes.</param>
/// <param name="Wishes">What the rounding is for.</param>
sealed record GridRounding(WeightGrid Shape, RoundingWishes Wishes) : IWeightRounding
{
    /// <inheritdoc/>
    public FittedWeight? ByInput(DataRoundings roundings, WeightedLayer layer, WeightRows rows, out string? reason) => roundings.Of(layer, rows, Shape, Wishes, out reason);

    /// <inheritdoc/>
    public FittedWeight ByPairs(WeightRows rows, SplitMoments paired, int threads) => SuccessiveRounding.Round(rows, paired, Shape, Wishes, threads);

    /// <inheritdoc/>
    public FittedWeight Unanswered(WeightRows rows)
    {
        var grid = Shape.Copy();
        Array.Fill(grid.Scales, 1);
        return new RoundedWeight(grid, new sbyte[rows.Values.Length], 0, 0, 0) { MeanError = new double[Wishes.IsBiasFree ? rows.Rows : 0] };
    }
}
