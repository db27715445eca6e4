using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>A weight that a step rounds by data.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Rows">Its weight.</param>
/// <param name="Shape">Block size and codes.</param>
/// <param name="Wishes">What the rounding is for.</param>
sealed record RoundingRequest(WeightedLayer Layer, WeightRows Rows, WeightGrid Shape, RoundingWishes Wishes)
{
    /// <summary>An answer that stands for nothing: whoever asks only shows what is asked.</summary>
    public RoundedWeight Unanswered()
    {
        var grid = Shape.Copy();
        Array.Fill(grid.Scales, 1);
        return new RoundedWeight(grid, new sbyte[Rows.Values.Length], 0, 0, 0) { MeanError = new double[Wishes.IsBiasFree ? Rows.Rows : 0] };
    }
}
