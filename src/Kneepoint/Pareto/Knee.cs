namespace Kneepoint.Pareto;

/// <summary>The point of a front after which a little more of one objective costs a lot of another.</summary>
/// <remarks>
/// Computes argmax_i 1 − sum_k u_ik, with u_ik = (f_ik − min_k) / (max_k − min_k), least and largest over the front: the point farthest below the plane
/// through the m points that are best possible in all objectives but one and worst in that one. For two objectives that plane is the chord
/// between the ends of the front, and the point is that of the largest distance to it (Das 1999, "On characterizing the knee of the Pareto
/// curve based on normal-boundary intersection"; Satopää et al. 2011, "Finding a Kneedle in a haystack"). Scales and units do not matter; objectives that span decades
/// should be given as logarithms. Objectives that do not vary are left out, and so are points with an infinite objective. One far outlier moves
/// a least or largest value and so the knee.
/// Cost: O(n m).
/// </remarks>
public static class Knee
{
    const int FewestPoints = 3;

    // A straight front has no knee; rounding must not name one.
    const double LeastDepth = 1e-9;

    /// <summary>Finds the knee.</summary>
    /// <param name="front">[n, m], row-major, mutually nondominated, all objectives minimized.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <returns>
    /// The index of the knee, the first of equals; −1 if there are fewer than three finite points, fewer than two objectives vary, or no point is below the plane.
    /// </returns>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN.</exception>
    public static int IndexOf(ReadOnlySpan<double> front, int objectives)
    {
        int count = PointSet.Check(front, objectives);
        bool[] isFinite = new bool[count];
        for (int i = 0; i < count; i++) isFinite[i] = AreFinite(front.Slice(i * objectives, objectives));
        if (isFinite.AsSpan().Count(true) < FewestPoints) return -1;

        double[] sums = new double[count];
        int varying = 0;
        for (int k = 0; k < objectives; k++)
        {
            if (AddScaled(front, objectives, k, isFinite, sums)) varying++;
        }

        if (varying < 2) return -1;
        int best = -1;
        for (int i = 0; i < count; i++)
        {
            if (isFinite[i] && (best < 0 || sums[i] < sums[best])) best = i;
        }

        return sums[best] < 1 - LeastDepth ? best : -1;
    }

    static bool AreFinite(ReadOnlySpan<double> point)
    {
        foreach (double value in point)
        {
            if (!double.IsFinite(value)) return false;
        }

        return true;
    }

    static bool AddScaled(ReadOnlySpan<double> front, int objectives, int objective, bool[] isFinite, double[] sums)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (int i = 0; i < isFinite.Length; i++)
        {
            if (!isFinite[i]) continue;
            low = Math.Min(low, front[i * objectives + objective]);
            high = Math.Max(high, front[i * objectives + objective]);
        }

        // Halves, so that the span of the largest numbers is finite too.
        double halfSpan = 0.5 * high - 0.5 * low;
        if (!(halfSpan > 0)) return false;
        for (int i = 0; i < isFinite.Length; i++)
        {
            if (isFinite[i]) sums[i] += (0.5 * front[i * objectives + objective] - 0.5 * low) / halfSpan;
        }

        return true;
    }
}
