using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>How the scale of a weight group is chosen.</summary>
public enum WeightRange
{
    /// <summary>The largest weight falls on the end of the grid: nothing is clipped.</summary>
    MaxAbs,

    /// <summary>The scale with the least squared error: a few large weights may be clipped for finer steps for all others.</summary>
    Mse,
}

/// <summary>Chooses the scale of a signed grid through zero.</summary>
public static class SymmetricScale
{
    // Clips from 1 down to 0.3 of the range in steps of 1/60; a Gaussian's best 4-bit clip lies near 0.6 of its largest of 1,000 values, at 8 bits near 1.
    const int Candidates = 43;
    const double CandidateStep = 1.0 / 60;
    const float MinNormal = 1.17549435E-38f;

    /// <summary>The scale whose grid reaches the largest weight on both sides.</summary>
    /// <remarks>
    /// Computes max |w| / highest if <paramref name="useLowest"/> is false: the grid −highest … highest, as 8-bit kernels like it. If true, the
    /// grid −(highest + 1) … highest is used in full: s = m / −(highest + 1) for the weight m of largest magnitude, so that m itself gets the lowest code and the step is smaller
    /// by 1 / (highest + 1), which is 12.5 % at 4 bits; the scale is negative where m is positive. If the weights then overrun the shorter end by more than half a
    /// step, the squared error decides between this and the grid that holds both ends. All weights 0 give 0.
    /// </remarks>
    /// <param name="weights">[n], finite.</param>
    /// <param name="highest">The highest code: 127 for 8 bits, 7 for 4 bits.</param>
    /// <param name="useLowest">Whether the code −(highest + 1) is used.</param>
    public static float OfMaxAbs(ReadOnlySpan<float> weights, int highest, bool useLowest)
    {
        if (weights.IsEmpty) return 0;
        float largest = TensorPrimitives.Max(weights);
        float smallest = TensorPrimitives.Min(weights);
        float magnitude = Math.Max(largest, -smallest);
        if (magnitude == 0) return 0;
        if (!useLowest) return Usable(magnitude / highest);
        float signed = largest >= -smallest ? Usable(-magnitude / (highest + 1)) : Usable(magnitude / (highest + 1));
        float shorter = Math.Min(largest, -smallest);
        if (shorter <= Math.Abs(signed) * highest) return signed;
        float both = MathF.CopySign(Usable(Math.Max(magnitude / (highest + 1), shorter / highest)), signed);
        return Error(weights, signed, highest) <= Error(weights, both, highest) ? signed : both;
    }

    /// <summary>The scale with the least squared error among clips of the max-abs range.</summary>
    /// <remarks>Tries s (1 − k / 60) for k = 0 … 42 and the s of <see cref="OfMaxAbs"/>; of equal errors the larger scale wins. Cost: O(43 n).</remarks>
    /// <param name="weights">[n], finite.</param>
    /// <param name="highest">The highest code.</param>
    /// <param name="useLowest">Whether the code −(highest + 1) is used.</param>
    public static float OfMse(ReadOnlySpan<float> weights, int highest, bool useLowest)
    {
        float whole = OfMaxAbs(weights, highest, useLowest);
        if (whole == 0) return 0;
        int lowest = useLowest ? -highest - 1 : -highest;
        float best = whole;
        double least = double.PositiveInfinity;
        for (int k = 0; k < Candidates; k++)
        {
            float candidate = (float)(whole * (1 - k * CandidateStep));
            if (!float.IsNormal(candidate)) break;
            double error = SquaredError.Of(weights, candidate, 0, lowest, highest);
            if (error >= least) continue;
            (best, least) = (candidate, error);
        }

        return best;
    }

    /// <summary>Chooses by the given rule.</summary>
    /// <param name="weights">[n], finite.</param>
    /// <param name="highest">The highest code.</param>
    /// <param name="useLowest">Whether the code −(highest + 1) is used.</param>
    /// <param name="range">The rule.</param>
    /// <returns>A scale that is finite and normal; 0 if all weights are 0.</returns>
    public static float Of(ReadOnlySpan<float> weights, int highest, bool useLowest, WeightRange range) =>
        range == WeightRange.Mse ? OfMse(weights, highest, useLowest) : OfMaxAbs(weights, highest, useLowest);

    static double Error(ReadOnlySpan<float> weights, float scale, int highest) => SquaredError.Of(weights, scale, 0, -highest - 1, highest);

    // Subnormal scales lose their own precision and flush to zero on some machines.
    static float Usable(float scale) => float.IsNormal(scale) ? scale : MathF.CopySign(MinNormal, scale);
}
