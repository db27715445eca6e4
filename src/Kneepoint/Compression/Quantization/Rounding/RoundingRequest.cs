using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>A weight that a step rounds by data.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Rows">Its weight.</param>
/// <param name="Rounding">How it is to be rounded.</param>
sealed record RoundingRequest(WeightedLayer Layer, WeightRows Rows, IWeightRounding Rounding);
