using System.Globalization;

namespace Kneepoint.Pareto;

/// <summary>The volume that a set of points dominates, up to a reference point.</summary>
/// <remarks>
/// Computes the Lebesgue measure of the union of boxes [p, reference] over all points p; every objective is minimized. A point that is not
/// smaller than the reference in every objective contributes nothing, so plus infinity is allowed and contributes nothing. Dominated and equal
/// points change nothing.
/// <list type="table">
/// <item><term>m ≤ 2</term><description>sort and sweep, O(n log n)</description></item>
/// <item><term>m = 3</term><description>sort and sweep with a staircase, O(n log n) (Fonseca, Paquete, López-Ibáñez 2006)</description></item>
/// <item><term>m ≥ 4</term><description>the sum of each point's exclusive volume among the points before it in the last objective
/// (While, Bradstreet, Barone 2012), each within the smallest box that bounds it, found in a tree of blocks; O(n² log n) for m = 4 in the
/// worst case, exponential in m</description></item>
/// </list>
/// Terms are positive and the sum is compensated: the relative error stays at a few units of rounding for m ≤ 3. Bit-identical on every machine.
/// </remarks>
public static class Hypervolume
{
    /// <summary>The dominated volume.</summary>
    /// <param name="points">[n, m], row-major.</param>
    /// <param name="reference">[m], finite.</param>
    /// <returns>In the product of the objectives' units; 0 if there is no point below the reference.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a value is NaN, or a point below the reference has minus infinity.</exception>
    public static double Of(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        CheckReference(reference);
        PointSet.Check(points, reference.Length);
        var inside = Inside(points, reference);
        double[] kept = Elimination.Compact(inside, reference.Length).ToArray();
        return new VolumeSweep(reference.Length).Of(kept, reference);
    }

    /// <summary>The reference must be a finite point.</summary>
    internal static void CheckReference(ReadOnlySpan<double> reference)
    {
        if (reference.IsEmpty) throw new ArgumentException("The reference needs at least one objective.", nameof(reference));
        for (int k = 0; k < reference.Length; k++)
        {
            if (double.IsFinite(reference[k])) continue;
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The reference must be finite; objective {k} is {reference[k]}."), nameof(reference));
        }
    }

    /// <summary>Whether a point is smaller than the reference in every objective.</summary>
    internal static bool IsBelow(ReadOnlySpan<double> point, ReadOnlySpan<double> reference)
    {
        for (int k = 0; k < reference.Length; k++)
        {
            if (!(point[k] < reference[k])) return false;
        }

        return true;
    }

    /// <summary>A point below the reference must not have minus infinity.</summary>
    internal static void CheckBounded(ReadOnlySpan<double> point, int place)
    {
        int objective = point.IndexOf(double.NegativeInfinity);
        if (objective < 0) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"Point {place}, objective {objective}: the volume below minus infinity is not finite."), nameof(point));
    }

    static ReadOnlySpan<double> Inside(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int m = reference.Length;
        double[] inside = new double[points.Length];
        int length = 0;
        for (int start = 0; start < points.Length; start += m)
        {
            var point = points.Slice(start, m);
            if (!IsBelow(point, reference)) continue;
            CheckBounded(point, start / m);
            point.CopyTo(inside.AsSpan(length));
            length += m;
        }

        return inside.AsSpan(0, length);
    }
}
