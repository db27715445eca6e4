namespace Kneepoint.Pareto;

/// <summary>The point of a front after which a little more of one objective costs a lot of another.</summary>
/// <remarks>
/// Each objective is scaled to 0…1 over the front; the knee is the point with the largest distance below the plane through the extremes,
/// the one with the least sum of scaled objectives (Das 1999, "On characterizing the knee of the Pareto curve", for a normalized front).
/// Objectives that span decades should be given as logarithms. Objectives that do not vary are left out.
/// </remarks>
public static class Knee
{
    /// <summary>Finds the knee.</summary>
    /// <param name="front">[n, m], row-major, finite, mutually nondominated.</param>
    /// <param name="objectives">m, at least 1.</param>
    /// <returns>The index of the knee; the first of equals; −1 if there are fewer than three points or none is better than the extremes.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of m, or a value is NaN.</exception>
    public static int IndexOf(ReadOnlySpan<double> front, int objectives)
    {
        const int FewestPoints = 3;
        int count = PointSet.Check(front, objectives);
        if (count < FewestPoints) return -1;
        double[] sums = new double[count];
        for (int k = 0; k < objectives; k++)
        {
            double low = double.PositiveInfinity, high = double.NegativeInfinity;
            for (int i = 0; i < count; i++)
            {
                low = Math.Min(low, front[i * objectives + k]);
                high = Math.Max(high, front[i * objectives + k]);
            }

            double span = high - low;
            if (!(span > 0) || !double.IsFinite(span)) continue;
            for (int i = 0; i < count; i++) sums[i] += (front[i * objectives + k] - low) / span;
        }

        int best = 0;
        for (int i = 1; i < count; i++)
        {
            if (sums[i] < sums[best]) best = i;
        }

        return best;
    }
}
