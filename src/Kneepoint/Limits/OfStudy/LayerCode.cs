namespace Kneepoint.Limits.OfStudy;

/// <summary>How well a layer's weight is coded in a packed variant, against the ideal code for the error that was really made.</summary>
/// <param name="Layer">The layer's name in recipes.</param>
/// <param name="Weights">Numbers of the weight in the baseline.</param>
/// <param name="Bits">Bits of all tensors in the packed file that the weight is made of, codebooks and scales included; tensors that several layers use are divided among them.</param>
/// <param name="SignalToNoiseDecibels">Power of the weight over the mean squared error; null where nothing was lost.</param>
/// <param name="IdealBitsPerWeight">The rate that an ideal code needs at this error: of statement H where it was computed, else of statement G; null where nothing was lost or weights cannot be compared.</param>
/// <param name="IdealStatement">'H' or 'G'; null where there is no rate.</param>
/// <param name="EntropyBitsPerWeight">Order-0 entropy of the weight's values, adaptive (statement L); null where nothing was lost.</param>
/// <param name="Reason">Why there is no rate, as a clause; null where there is one.</param>
public sealed record LayerCode(
    string Layer, long Weights, double Bits, double? SignalToNoiseDecibels, double? IdealBitsPerWeight, char? IdealStatement, double? EntropyBitsPerWeight, string? Reason)
{
    /// <summary>The error over the least that any weight of as many values, or of the same rank, can have (statement K); null where it has many of either.</summary>
    public double? ErrorOverOptimum { get; init; }

    /// <summary>Bits for each weight of the baseline.</summary>
    public double BitsPerWeight => Weights == 0 ? 0 : Bits / Weights;

    /// <summary>Bits for each weight above the ideal code; null where that is not known.</summary>
    public double? GapBitsPerWeight => IdealBitsPerWeight is { } ideal ? BitsPerWeight - ideal : null;

    /// <summary>Bits that the whole layer takes above the ideal code; null where that is not known.</summary>
    public double? WastedBits => GapBitsPerWeight * Weights;
}
