namespace Kneepoint.Pareto;

/// <summary>What each point of a front adds to the dominated volume.</summary>
/// <remarks>
/// Computes V(F) − V(F without p) for each point p, V being <see cref="Hypervolume"/> and F the nondominated points, equal ones included: so equal
/// points add nothing each, and dominated points neither add nor take away. m ≤ 2 by a sweep, O(n log n); more by each point's
/// own box of neighbours, typically O(n^(1 + 1/m)) for small neighbourhoods, O(n²) volumes of m objectives in the worst case. No difference of large
/// volumes is taken, so small contributions keep their digits.
/// </remarks>
public static class HypervolumeContributions
{
    /// <summary>The contribution of every point.</summary>
    /// <param name="points">[n, m], row-major.</param>
    /// <param name="reference">[m], finite.</param>
    /// <returns>[n], in the product of the objectives' units; 0 for points that are dominated, equal to another, or not below the reference.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, a value is NaN, or a point below the reference has minus infinity.</exception>
    public static double[] Of(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        Hypervolume.CheckReference(reference);
        int m = reference.Length;
        int[] front = NondominatedFilter.Indices(points, m);
        double[] contributions = new double[points.Length / m];
        double[] inside = new double[front.Length * m];
        int count = 0;
        foreach (int place in front)
        {
            var point = points.Slice(place * m, m);
            if (!Hypervolume.IsBelow(point, reference)) continue;
            Hypervolume.CheckBounded(point, place);
            point.CopyTo(inside.AsSpan(count * m));
            front[count++] = place;
        }

        var kept = inside.AsSpan(0, count * m);
        double[] values = m <= 2 ? Sweep(kept, reference) : Exclusive(kept, reference);
        for (int i = 0; i < count; i++) contributions[front[i]] = values[i];
        return contributions;
    }

    static double[] Sweep(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int m = reference.Length, n = points.Length / m, last = m - 1;
        double[] values = new double[n];
        int[] order = new int[n];
        Order.Lexicographic(points, m, order);
        for (int i = 0; i < n; i++)
        {
            // Nondominated: ascending in the first objective, descending in the second. An equal neighbour makes one side 0.
            double right = i + 1 < n ? points[order[i + 1] * m] : reference[0];
            double top = i > 0 ? points[order[i - 1] * m + last] : reference[last];
            double width = right - points[order[i] * m];
            values[order[i]] = m == 1 ? (n == 1 ? width : 0) : width * (top - points[order[i] * m + last]);
        }

        return values;
    }

    static double[] Exclusive(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int m = reference.Length, n = points.Length / m;
        double[] values = new double[n];
        var members = new ExclusiveVolume(m);
        members.Load(points, m);
        for (int i = 0; i < n; i++) members.Include(i);
        for (int i = 0; i < n; i++) values[i] = members.Of(i, reference);
        return values;
    }
}
