using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>A way to round a weight for what its layer is fed.</summary>
interface IWeightRounding
{
    /// <summary>Rounds by what the original feeds the layer.</summary>
    /// <param name="roundings">What is known of it.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Its weight.</param>
    /// <param name="reason">Why nothing is known, as a clause that goes on from "it".</param>
    FittedWeight? ByInput(DataRoundings roundings, WeightedLayer layer, WeightRows rows, out string? reason);

    /// <summary>Rounds by what the rounded layers before it feed the layer, and what they should.</summary>
    /// <param name="rows">Its weight.</param>
    /// <param name="paired">Moments of rows (x̂, d): twice the weight's columns for each group.</param>
    /// <param name="threads">Threads in use; no result depends on them.</param>
    FittedWeight ByPairs(WeightRows rows, SplitMoments paired, int threads);

    /// <summary>An answer that stands for nothing: whoever asks only shows what is asked.</summary>
    FittedWeight Unanswered(WeightRows rows);
}
