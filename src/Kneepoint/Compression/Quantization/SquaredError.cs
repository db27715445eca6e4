using System.Runtime.Intrinsics;

namespace Kneepoint.Compression.Quantization;

/// <summary>Measures what a uniform grid loses.</summary>
static class SquaredError
{
    /// <summary>The sum of squared rounding errors of a grid.</summary>
    /// <remarks>
    /// Computes Σ (w_i − s (c_i − z))² with c_i = clamp(round(w_i / s) + z, lowest, highest), ties to even. Codes and values of the grid are
    /// binary32, as the runtime computes them; differences and the sum are binary64, in eight lanes (lane j takes elements j, j + 8, …) that are added
    /// as ((0+4)+(2+6))+((1+5)+(3+7)): the same bits on every machine. Cost: O(n), no allocation.
    /// </remarks>
    /// <param name="values">[n], finite.</param>
    /// <param name="scale">The step s, finite, not zero.</param>
    /// <param name="zeroPoint">The code z that means 0.</param>
    /// <param name="lowest">The lowest code.</param>
    /// <param name="highest">The highest code.</param>
    /// <returns>The sum, at least 0.</returns>
    public static double Of(ReadOnlySpan<float> values, float scale, int zeroPoint, int lowest, int highest)
    {
        var lanes = Vector512<double>.Zero;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var step = Vector256.Create(scale);
            var zero = Vector256.Create((float)zeroPoint);
            var low = Vector256.Create((float)lowest);
            var high = Vector256.Create((float)highest);
            for (; i <= values.Length - 8; i += 8)
            {
                var value = Vector256.Create(values.Slice(i, 8));
                var code = Vector256.Round(value / step, MidpointRounding.ToEven) + zero;
                var grid = (Vector256.Min(Vector256.Max(code, low), high) - zero) * step;
                var (valueLow, valueHigh) = Vector256.Widen(value);
                var (gridLow, gridHigh) = Vector256.Widen(grid);
                var error = Vector512.Create(valueLow - gridLow, valueHigh - gridHigh);
                lanes += error * error;
            }
        }

        Span<double> sums = stackalloc double[8];
        lanes.CopyTo(sums);
        for (; i < values.Length; i++)
        {
            float code = MathF.Round(values[i] / scale, MidpointRounding.ToEven) + zeroPoint;
            float grid = (Math.Min(Math.Max(code, lowest), highest) - zeroPoint) * scale;
            double error = (double)values[i] - grid;
            sums[i % 8] += error * error;
        }

        return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    }
}
