using Kneepoint.Compression.Quantization.Rounding;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>A weight as multiples of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Multiples">[N, K].</param>
/// <param name="Error">e·H·eᵀ, summed over the rows.</param>
/// <param name="Bits">What the multiples cost, estimated.</param>
sealed record SteppedWeight(float Step, int[] Multiples, double Error, double Bits) : FittedWeight
{
    /// <summary>What the multiples stand for: [N, K].</summary>
    public float[] Values() => Array.ConvertAll(Multiples, multiple => multiple * Step);

    /// <inheritdoc/>
    public override float[] ErrorsOf(float[] weights) => [.. Multiples.Zip(weights, (multiple, weight) => multiple * Step - weight)];
}
