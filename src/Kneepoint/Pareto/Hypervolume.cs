using System.Globalization;

namespace Kneepoint.Pareto;

/// <summary>The volume that a set of points dominates, up to a reference point.</summary>
/// <remarks>
/// Computes the Lebesgue measure of the union of boxes [p, reference] over all points p; every objective is minimized. A point that is not
/// smaller than the reference in every objective contributes nothing. 1 and 2 objectives by a sweep, O(n log n); more by slicing along
/// the last objective, O(n^(m-1) log n) (Zitzler 2001).
/// </remarks>
public static class Hypervolume
{
    /// <summary>The dominated volume.</summary>
    /// <param name="points">[n, m], row-major.</param>
    /// <param name="reference">[m], finite.</param>
    /// <returns>In the product of the objectives' units; 0 if there is no point below the reference.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a value is NaN, or a point is minus infinity.</exception>
    public static double Of(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int objectives = reference.Length;
        int count = PointSet.Check(points, objectives);
        foreach (double limit in reference)
        {
            if (!double.IsFinite(limit)) throw new ArgumentException("The reference must be finite.", nameof(reference));
        }

        var inside = new List<double[]>();
        for (int i = 0; i < count; i++)
        {
            var point = points.Slice(i * objectives, objectives);
            bool isBelow = true;
            for (int k = 0; k < objectives; k++)
            {
                if (double.IsNegativeInfinity(point[k]))
                {
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                        $"Point {i}, objective {k}: the volume below minus infinity is not finite."), nameof(points));
                }

                isBelow &= point[k] < reference[k];
            }

            if (isBelow) inside.Add(point.ToArray());
        }

        return Slice(inside, reference.ToArray(), objectives);
    }

    static double Slice(List<double[]> points, double[] reference, int objectives)
    {
        if (points.Count == 0) return 0;
        if (objectives == 1) return reference[0] - points.Min(point => point[0]);
        int last = objectives - 1;
        points.Sort((a, b) => a[last].CompareTo(b[last]));
        if (objectives == 2) return Staircase(points, reference);
        double volume = 0;
        for (int i = 0; i < points.Count; i++)
        {
            double ceiling = i + 1 < points.Count ? points[i + 1][last] : reference[last];
            double height = ceiling - points[i][last];
            if (height > 0) volume += height * Slice(points[..(i + 1)], reference, last);
        }

        return volume;
    }

    static double Staircase(List<double[]> points, double[] reference)
    {
        double area = 0, edge = reference[0];
        for (int i = 0; i < points.Count; i++)
        {
            edge = Math.Min(edge, points[i][0]);
            double ceiling = i + 1 < points.Count ? points[i + 1][1] : reference[1];
            area += (ceiling - points[i][1]) * (reference[0] - edge);
        }

        return area;
    }
}
