namespace Kneepoint.Pareto;

/// <summary>Finds the points that no other point dominates.</summary>
/// <remarks>
/// Point a dominates b if a is nowhere larger and somewhere smaller; equal points do not dominate each other, so all of them stay, and a point that is
/// only weakly worse goes. Every objective is minimized. The result is exact: only comparisons, no arithmetic.
/// <list type="table">
/// <item><term>m ≤ 2</term><description>sort and sweep, O(n log n) (Kung, Luccio, Preparata 1975)</description></item>
/// <item><term>m = 3</term><description>sort and sweep with a staircase of the first two objectives, O(n log n) (the same)</description></item>
/// <item><term>m ≥ 4</term><description>divide and conquer, O(n log^(m−2) n) (the same)</description></item>
/// </list>
/// Before that, points beaten by a few strong ones go in linear time, so that a small front among many points costs O(n).
/// Memory: about 40 bytes per surviving point plus its coordinates.
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
        bool[] mask = new bool[count];
        if (Elimination.Survivors(points, objectives) is { } places)
        {
            double[] kept = new double[places.Length * objectives];
            for (int i = 0; i < places.Length; i++)
            {
                points.Slice(places[i] * objectives, objectives).CopyTo(kept.AsSpan(i * objectives));
            }

            bool[] keptMask = new bool[places.Length];
            Sweep(kept, objectives, keptMask);
            for (int i = 0; i < places.Length; i++) mask[places[i]] = keptMask[i];
        }
        else
        {
            Sweep(points, objectives, mask);
        }

        return mask;
    }

    /// <summary>The places of the nondominated points.</summary>
    /// <param name="points">[n, m], row-major; infinities are allowed.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <returns>Places 0…n−1, ascending.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN.</exception>
    public static int[] Indices(ReadOnlySpan<double> points, int objectives)
    {
        bool[] mask = Mask(points, objectives);
        int[] indices = new int[mask.AsSpan().Count(true)];
        int next = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i]) indices[next++] = i;
        }

        return indices;
    }

    /// <summary>Whether a is nowhere larger than b and somewhere smaller.</summary>
    /// <param name="a">[m].</param>
    /// <param name="b">[m].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static bool Dominates(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"The points have {a.Length} and {b.Length} objectives.", nameof(b));
        bool isSmaller = false;
        for (int k = 0; k < a.Length; k++)
        {
            if (!(a[k] <= b[k])) return false;
            isSmaller |= a[k] < b[k];
        }

        return isSmaller;
    }

    static void Sweep(ReadOnlySpan<double> points, int objectives, Span<bool> mask)
    {
        if (mask.IsEmpty) return;
        int[] order = new int[mask.Length];
        Order.Lexicographic(points, objectives, order);
        if (objectives <= 2) SweepTwo(points, objectives, order, mask);
        else if (objectives == 3) SweepThree(points, order, mask);
        else FilterByDivision.Mark(points, objectives, order, mask);
    }

    // In lexicographic order a point is dominated if and only if an earlier, different one is not larger in the second objective.
    static void SweepTwo(ReadOnlySpan<double> points, int objectives, ReadOnlySpan<int> order, Span<bool> mask)
    {
        int last = objectives - 1;
        double bestX = points[order[0] * objectives], best = points[order[0] * objectives + last];
        mask[order[0]] = true;
        foreach (int place in order[1..])
        {
            double x = points[place * objectives], y = points[place * objectives + last];
            bool isEqual = y == best && x == bestX;
            if (!isEqual && !(objectives == 2 && y < best)) continue;
            mask[place] = true;
            (bestX, best) = (x, y);
        }
    }

    // By the third objective, equal ones in lexicographic order: whoever dominates a point comes before it, and lies left of it. Of those on the
    // left, the staircase's nearest member has the smallest second objective.
    static void SweepThree(ReadOnlySpan<double> points, ReadOnlySpan<int> order, Span<bool> mask)
    {
        int n = order.Length;
        double[] sorted = new double[3 * n], heights = new double[n];
        for (int slot = 0; slot < n; slot++)
        {
            points.Slice(order[slot] * 3, 3).CopyTo(sorted.AsSpan(slot * 3));
            heights[slot] = sorted[slot * 3 + 2];
        }

        int[] sweep = new int[n];
        Order.Sort(heights, sweep);
        var stairs = new PlaceSet(n);
        int previous = -1;
        foreach (int slot in sweep)
        {
            double y = sorted[slot * 3 + 1];
            bool isEqual = previous >= 0 && sorted.AsSpan(previous * 3, 3).SequenceEqual(sorted.AsSpan(slot * 3, 3));
            if (isEqual)
            {
                mask[order[slot]] = mask[order[previous]];
                continue;
            }

            previous = slot;
            int left = stairs.Before(slot);
            if (left >= 0 && sorted[left * 3 + 1] <= y) continue;
            mask[order[slot]] = true;
            for (int right = stairs.After(slot); right >= 0 && sorted[right * 3 + 1] >= y; right = stairs.After(right)) stairs.Remove(right);
            stairs.Add(slot);
        }
    }
}
