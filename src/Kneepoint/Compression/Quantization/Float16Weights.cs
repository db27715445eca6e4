using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Rounds binary32 to binary16.</summary>
/// <remarks>
/// Computes destination[i] = the binary16 nearest to values[i], ties to even (IEEE 754). Magnitudes from 65,520 on become infinite and magnitudes up to 2^−25 become 0:
/// ask <see cref="Overflows"/> first. NaN stays NaN. Cost: O(n), no allocation.
/// </remarks>
public static class Float16Weights
{
    // Half-way between the largest binary16, 65,504, and what would be the next: from here on rounding gives infinity.
    const float FirstOverflow = 65520;

    /// <summary>Converts.</summary>
    /// <param name="values">[n].</param>
    /// <param name="destination">At least [n].</param>
    /// <exception cref="ArgumentException">The destination is shorter than the values.</exception>
    public static void Convert(ReadOnlySpan<float> values, Span<Half> destination) => TensorPrimitives.ConvertToHalf(values, destination);

    /// <summary>Whether a value is infinite, not a number, or becomes infinite as binary16.</summary>
    /// <param name="values">[n].</param>
    public static bool Overflows(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) return false;
        // The maximum of magnitudes is NaN if any value is, so the comparison must be the negated one.
        return !(Math.Abs(TensorPrimitives.MaxMagnitude(values)) < FirstOverflow);
    }
}
