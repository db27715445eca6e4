using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Pareto;

/// <summary>Checks a set of points once, at the edge, so that the sweeps need not.</summary>
static class PointSet
{
    /// <summary>The number of points.</summary>
    /// <param name="points">[n, m], row-major; infinities are allowed.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN; the message names its row and column.</exception>
    public static int Check(ReadOnlySpan<double> points, int objectives)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(objectives, 1);
        if (points.Length % objectives != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{points.Length} numbers are no whole number of points with {objectives} objectives."), nameof(points));
        }

        int place = FirstNaN(points);
        if (place < 0) return points.Length / objectives;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"Point {place / objectives}, objective {place % objectives}: expected a number, found NaN."), nameof(points));
    }

    static int FirstNaN(ReadOnlySpan<double> values)
    {
        ref double start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Vector512<double>.Count; i += Vector512<double>.Count)
        {
            var lanes = Vector512.LoadUnsafe(ref start, (nuint)i);
            if (!Vector512.EqualsAll(lanes, lanes)) break;
        }

        for (; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) return i;
        }

        return -1;
    }
}
