namespace Kneepoint.Compression.Quantization;

/// <summary>Quantizes a weight to signed codes with one scale per channel, or one for all.</summary>
/// <remarks>
/// Weights are seen as [outer, C, inner]: channel c holds w[o, c, i] for all o and i. Computes codes[o, c, i] = clamp(round(w[o, c, i] / s_c), lowest, highest), ties to
/// even. A channel of zeros gets the largest scale of the others (1 if all are zero), so that a bias quantized with it keeps its precision.
/// Cost: O(C · outer · inner) time, one channel of scratch memory. Source: [Jacob2018] section 2.1, [Krishnamoorthi2018] section 2.
/// </remarks>
public static class PerChannelSymmetric
{
    /// <summary>Chooses a scale per channel.</summary>
    /// <param name="weights">[outer, C, inner], row-major, finite.</param>
    /// <param name="outer">Elements before the channel axis.</param>
    /// <param name="inner">Elements after the channel axis.</param>
    /// <param name="highest">The highest code: 127 for 8 bits, 7 for 4 bits.</param>
    /// <param name="useLowest">Whether the code −(highest + 1) is used.</param>
    /// <param name="range">How a scale is chosen.</param>
    /// <param name="scales">[C]; filled with finite numbers that are not zero.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void ChooseScales(
        ReadOnlySpan<float> weights, int outer, int inner, int highest, bool useLowest, WeightRange range, Span<float> scales)
    {
        CheckShape(weights.Length, outer, scales.Length, inner);
        float[] channel = new float[outer * inner];
        float largest = 0;
        for (int c = 0; c < scales.Length; c++)
        {
            scales[c] = SymmetricScale.Of(Gather(weights, outer, scales.Length, inner, c, channel), highest, useLowest, range);
            largest = Math.Max(largest, Math.Abs(scales[c]));
        }

        foreach (ref float scale in scales)
        {
            if (scale == 0) scale = largest == 0 ? 1 : largest;
        }
    }

    /// <summary>Quantizes with given scales.</summary>
    /// <param name="weights">[outer, C, inner], row-major.</param>
    /// <param name="outer">Elements before the channel axis.</param>
    /// <param name="inner">Elements after the channel axis.</param>
    /// <param name="scales">[C], finite, not zero.</param>
    /// <param name="lowest">The lowest code.</param>
    /// <param name="highest">The highest code.</param>
    /// <param name="destination">[outer, C, inner].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Quantize(
        ReadOnlySpan<float> weights, int outer, int inner, ReadOnlySpan<float> scales, int lowest, int highest, Span<sbyte> destination)
    {
        CheckShape(weights.Length, outer, scales.Length, inner);
        if (destination.Length != weights.Length)
        {
            throw new ArgumentException($"The destination holds {destination.Length} codes, the weights are {weights.Length}.", nameof(destination));
        }

        // Rows of one element would make a call per weight: the last axis is the channel axis of MatMul weights.
        if (inner == 1)
        {
            foreach (float scale in scales) UniformCodes.Check(scale, lowest, highest);
            for (int i = 0; i < weights.Length; i++) destination[i] = UniformCodes.Quantize(weights[i], scales[i % scales.Length], lowest, highest);
            return;
        }

        for (int row = 0; row < outer * scales.Length; row++)
        {
            UniformCodes.Quantize(weights.Slice(row * inner, inner), scales[row % scales.Length], lowest, highest, destination.Slice(row * inner, inner));
        }
    }

    static ReadOnlySpan<float> Gather(ReadOnlySpan<float> weights, int outer, int channels, int inner, int c, float[] channel)
    {
        if (outer == 1) return weights.Slice(c * inner, inner);
        if (inner == 1)
        {
            for (int o = 0; o < outer; o++) channel[o] = weights[o * channels + c];
            return channel;
        }

        for (int o = 0; o < outer; o++) weights.Slice((o * channels + c) * inner, inner).CopyTo(channel.AsSpan(o * inner));
        return channel;
    }

    static void CheckShape(int length, int outer, int channels, int inner)
    {
        if ((long)outer * channels * inner != length)
        {
            throw new ArgumentException($"[{outer}, {channels}, {inner}] holds {(long)outer * channels * inner} weights, not {length}.");
        }
    }
}
