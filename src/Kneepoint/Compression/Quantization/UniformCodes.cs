using System.Numerics;

namespace Kneepoint.Compression.Quantization;

/// <summary>Rounds numbers to the signed integer codes of a uniform grid through zero.</summary>
/// <remarks>
/// Computes destination[i] = clamp(round(values[i] / scale), lowest, highest) with ties to even, in binary32. Only an IEEE division, a
/// rounding and comparisons are used, so that the codes are the same on every machine and at every vector width.
/// NaN gives 0; infinities give the ends of the range; an empty span does nothing. Cost: O(n), no allocation.
/// </remarks>
public static class UniformCodes
{
    /// <summary>Quantizes with one scale.</summary>
    /// <param name="values">[n].</param>
    /// <param name="scale">The step, finite and not zero; a negative scale turns the grid around.</param>
    /// <param name="lowest">The lowest code, at least −128.</param>
    /// <param name="highest">The highest code, at most 127.</param>
    /// <param name="destination">At least [n].</param>
    /// <exception cref="ArgumentException">The destination is shorter than the values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is zero or not finite, or the codes are out of range or order.</exception>
    public static void Quantize(ReadOnlySpan<float> values, float scale, int lowest, int highest, Span<sbyte> destination)
    {
        Check(scale, lowest, highest);
        if (destination.Length < values.Length)
        {
            throw new ArgumentException($"The destination holds {destination.Length} codes, the values are {values.Length}.", nameof(destination));
        }

        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int width = Vector<float>.Count;
            var step = new Vector<float>(scale);
            var low = new Vector<float>(lowest);
            var high = new Vector<float>(highest);
            for (; i <= values.Length - 4 * width; i += 4 * width)
            {
                var a = Codes(values[i..], step, low, high);
                var b = Codes(values[(i + width)..], step, low, high);
                var c = Codes(values[(i + 2 * width)..], step, low, high);
                var d = Codes(values[(i + 3 * width)..], step, low, high);
                Vector.Narrow(Vector.Narrow(a, b), Vector.Narrow(c, d)).CopyTo(destination[i..]);
            }
        }

        for (; i < values.Length; i++) destination[i] = Quantize(values[i], scale, lowest, highest);
    }

    /// <summary>Quantizes one value; arguments as for the spans, not checked.</summary>
    internal static sbyte Quantize(float value, float scale, int lowest, int highest)
    {
        float code = MathF.Round(value / scale, MidpointRounding.ToEven);
        if (float.IsNaN(code)) return (sbyte)Math.Clamp(0, lowest, highest);
        return (sbyte)Math.Clamp(code, lowest, highest);
    }

    internal static void Check(float scale, int lowest, int highest)
    {
        if (!float.IsFinite(scale) || scale == 0) throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale is finite and not zero.");
        if (lowest < sbyte.MinValue || highest > sbyte.MaxValue || lowest > 0 || highest < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(lowest), $"Codes {lowest} to {highest}: the range holds 0 and lies within -128 to 127.");
        }
    }

    static Vector<int> Codes(ReadOnlySpan<float> values, Vector<float> step, Vector<float> low, Vector<float> high)
    {
        var codes = Vector.Round(new Vector<float>(values) / step, MidpointRounding.ToEven);
        codes = Vector.ConditionalSelect(Vector.Equals(codes, codes), codes, Vector<float>.Zero);
        return Vector.ConvertToInt32(Vector.Min(Vector.Max(codes, low), high));
    }
}
