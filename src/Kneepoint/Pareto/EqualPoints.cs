namespace Kneepoint.Pareto;

/// <summary>Points that are equal in every objective, and so tied on any front.</summary>
public static class EqualPoints
{
    /// <summary>Groups of two or more equal points.</summary>
    /// <remarks>Zero equals minus zero. Cost: O(n m log n).</remarks>
    /// <param name="points">[n, m], row-major; infinities are allowed.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <returns>Places in ascending order, the groups by their first place.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN.</exception>
    public static IReadOnlyList<int[]> Groups(ReadOnlySpan<double> points, int objectives)
    {
        int n = PointSet.Check(points, objectives);
        int[] order = new int[n];
        Order.Lexicographic(points, objectives, order);
        var groups = new List<int[]>();
        for (int start = 0, end; start < n; start = end)
        {
            var first = points.Slice(order[start] * objectives, objectives);
            for (end = start + 1; end < n && AreEqual(first, points.Slice(order[end] * objectives, objectives)); end++)
            {
            }

            if (end - start > 1) groups.Add([.. order[start..end].Order()]);
        }

        groups.Sort((a, b) => a[0].CompareTo(b[0]));
        return groups;
    }

    static bool AreEqual(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        for (int k = 0; k < a.Length; k++)
        {
            if (a[k] != b[k]) return false;
        }

        return true;
    }
}
