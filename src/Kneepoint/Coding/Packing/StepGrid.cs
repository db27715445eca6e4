using System.Numerics;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Coding.Packing;

/// <summary>Finds the steps of which numbers are whole multiples, as quantization makes them.</summary>
/// <remarks>
/// A number w is a multiple of a step s if float32(k)·s rounds to w for a whole k. Where all numbers are exact multiples of a step of few bits, it is their greatest common divisor; else the
/// step is sought among the smallest magnitude, its fractions by 2 to 8, and its neighbors. All numbers must fit, or none do.
/// </remarks>
static class StepGrid
{
    const int MostMultiple = 1 << 15;
    const int MostDivisor = 8;
    const int MostShift = 39;

    /// <summary>The steps for one group of numbers and all its multiples; null if there is none.</summary>
    /// <param name="values">The numbers: finite, no negative zero.</param>
    /// <param name="start">The first number of the group.</param>
    /// <param name="stride">From one number of the group to the next.</param>
    /// <param name="count">How many numbers the group has.</param>
    /// <param name="multiples">Filled at the same places.</param>
    public static float? Find(ReadOnlySpan<float> values, int start, int stride, int count, Span<int> multiples)
    {
        float least = float.PositiveInfinity, most = 0;
        for (int i = 0; i < count; i++)
        {
            float value = values[start + i * stride];
            if (!float.IsFinite(value) || value == 0 && float.IsNegative(value)) return null;
            float magnitude = Math.Abs(value);
            most = Math.Max(most, magnitude);
            if (magnitude > 0) least = Math.Min(least, magnitude);
        }

        if (most == 0)
        {
            for (int i = 0; i < count; i++) multiples[start + i * stride] = 0;
            return 0;
        }

        if (CommonDivisor(values, start, stride, count, most) is { } exact && Fits(values, start, stride, count, exact, multiples)) return exact;
        for (int divisor = 1; divisor <= MostDivisor; divisor++)
        {
            float step = least / divisor;
            // The largest number tells the step most precisely.
            double ratio = Math.Round((double)most / step);
            if (!(ratio <= MostMultiple)) return null;
            float refined = (float)(most / ratio);
            foreach (float candidate in (ReadOnlySpan<float>)[refined, MathF.BitDecrement(refined), MathF.BitIncrement(refined), step])
            {
                if (candidate > 0 && Fits(values, start, stride, count, candidate, multiples)) return candidate;
            }
        }

        return null;
    }

    // The largest number of which all are whole multiples, as exact binary fractions; null where one of them would be a multiple too large.
    static float? CommonDivisor(ReadOnlySpan<float> values, int start, int stride, int count, float most)
    {
        ulong divisor = 0;
        int exponent = 0;
        for (int i = 0; i < count; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(Math.Abs(values[start + i * stride]));
            if (bits == 0) continue;
            ulong mantissa = bits >> 23 == 0 ? bits : bits & 0x7FFFFF | 0x800000;
            int own = (int)Math.Max(bits >> 23, 1) + BitOperations.TrailingZeroCount(mantissa);
            mantissa >>= BitOperations.TrailingZeroCount(mantissa);
            if (divisor == 0) (divisor, exponent) = (mantissa, own);
            int lower = Math.Min(exponent, own);
            if (exponent - lower > MostShift || own - lower > MostShift) return null;
            divisor = Gcd(divisor << (exponent - lower), mantissa << (own - lower));
            exponent = lower;
            if (most > MostMultiple * Math.ScaleB((double)divisor, exponent - 150)) return null;
        }

        double step = Math.ScaleB((double)divisor, exponent - 150);
        return (float)step == step && step > 0 ? (float)step : null;
    }

    static ulong Gcd(ulong a, ulong b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    static bool Fits(ReadOnlySpan<float> values, int start, int stride, int count, float step, Span<int> multiples)
    {
        for (int i = 0; i < count; i++)
        {
            float value = values[start + i * stride];
            float multiple = MathF.Round(value / step);
            if (!(Math.Abs(multiple) <= MostMultiple) || multiple * step != value) return false;
            multiples[start + i * stride] = (int)multiple;
        }

        return true;
    }

    /// <summary>The steps of a plane, and which numbers share one; null if there are none.</summary>
    /// <returns>One step, one for each row, or one for each column.</returns>
    public static (float[] Steps, StepAxis Axis)? Find(ReadOnlySpan<float> values, IndexShape shape, Span<int> multiples)
    {
        if (Find(values, 0, 1, values.Length, multiples) is { } one) return ([one], StepAxis.All);
        if (shape.Rows > 1 && FindEach(values, shape.Rows, shape.Columns, 1, shape.Columns, multiples) is { } rows) return (rows, StepAxis.Row);
        return shape.Columns > 1 && shape.Rows > 1 && FindEach(values, shape.Columns, 1, shape.Columns, shape.Rows, multiples) is { } columns ? (columns, StepAxis.Column) : null;
    }

    static float[]? FindEach(ReadOnlySpan<float> values, int groups, int start, int stride, int count, Span<int> multiples)
    {
        float[] steps = new float[groups];
        for (int i = 0; i < groups; i++)
        {
            if (Find(values, i * start, stride, count, multiples) is not { } step) return null;
            steps[i] = step;
        }

        return steps;
    }
}

/// <summary>Which numbers share a step.</summary>
enum StepAxis
{
    All, Row, Column,
}
