using System.Numerics;

namespace Kneepoint.Coding.Floats;

/// <summary>What all numbers of a tensor have in common, which its code need not say again.</summary>
/// <param name="HasZeros">Positive zeros occur.</param>
/// <param name="TrailingZeros">Lowest bits of the mantissa that are zero in every number.</param>
/// <param name="Repeats">Numbers occur again and again, so that the lower bits follow from the upper ones.</param>
/// <param name="LargestExponent">The largest exponent, as stored.</param>
readonly record struct FloatForm(bool HasZeros, int TrailingZeros, bool Repeats, int LargestExponent)
{
    // Enough to tell whether numbers come again.
    const int SampleNumbers = 1 << 16;

    /// <summary>Looks through the numbers.</summary>
    public static FloatForm Of(ReadOnlySpan<ulong> bits, FloatLayout layout)
    {
        ulong all = 0;
        int largest = 0, numbers = 0;
        bool hasZeros = false;
        var distinct = new HashSet<ulong>();
        foreach (ulong value in bits)
        {
            all |= value;
            hasZeros |= value == 0;
            // Zeros say nothing of what the other numbers do.
            if (value == 0) continue;
            if (numbers < SampleNumbers)
            {
                numbers++;
                distinct.Add(value);
            }

            largest = Math.Max(largest, layout.Exponent(value));
        }

        return new FloatForm(hasZeros, Math.Min(BitOperations.TrailingZeroCount(all), layout.MantissaBits), distinct.Count < numbers / 4 * 3, largest);
    }
}
