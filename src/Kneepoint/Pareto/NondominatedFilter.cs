using System.Globalization;

namespace Kneepoint.Pareto;

/// <summary>Finds the points that no other point dominates.</summary>
/// <remarks>
/// Point a dominates b if a is nowhere larger and somewhere smaller; equal points do not dominate each other, so all of them stay.
/// Every objective is minimized. Cost: O(n log n + n·f) for f points on the front.
/// </remarks>
public static class NondominatedFilter
{
    /// <summary>Marks the nondominated points.</summary>
    /// <param name="points">[n, m], row-major; infinities are allowed.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <returns>[n]; true where no other point dominates.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN.</exception>
    public static bool[] Mask(ReadOnlySpan<double> points, int objectives)
    {
        int count = PointSet.Check(points, objectives);
        double[] copy = points.ToArray();
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Array.Sort(order, (a, b) => Compare(copy, objectives, a, b));

        // In lexicographic order a point can be dominated by earlier ones only, and then by one that is on the front itself.
        bool[] mask = new bool[count];
        var front = new List<int>();
        foreach (int candidate in order)
        {
            bool isDominated = false;
            foreach (int member in front)
            {
                if (!Dominates(copy.AsSpan(member * objectives, objectives), copy.AsSpan(candidate * objectives, objectives))) continue;
                isDominated = true;
                break;
            }

            if (isDominated) continue;
            front.Add(candidate);
            mask[candidate] = true;
        }

        return mask;
    }

    /// <summary>Whether a is nowhere larger than b and somewhere smaller.</summary>
    public static bool Dominates(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        bool isSmaller = false;
        for (int k = 0; k < a.Length; k++)
        {
            if (a[k] > b[k]) return false;
            isSmaller |= a[k] < b[k];
        }

        return isSmaller;
    }

    static int Compare(double[] points, int objectives, int a, int b)
    {
        for (int k = 0; k < objectives; k++)
        {
            int order = points[a * objectives + k].CompareTo(points[b * objectives + k]);
            if (order != 0) return order;
        }

        return a.CompareTo(b);
    }
}

/// <summary>Checks a set of points once, at the edge.</summary>
static class PointSet
{
    /// <summary>The number of points.</summary>
    public static int Check(ReadOnlySpan<double> points, int objectives)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(objectives, 1);
        if (points.Length % objectives != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{points.Length} numbers are no whole number of points with {objectives} objectives."), nameof(points));
        }

        for (int i = 0; i < points.Length; i++)
        {
            if (!double.IsNaN(points[i])) continue;
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Point {i / objectives}, objective {i % objectives}: expected a number, found NaN."), nameof(points));
        }

        return points.Length / objectives;
    }
}
