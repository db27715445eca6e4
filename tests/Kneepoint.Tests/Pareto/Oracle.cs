namespace Kneepoint.Tests.Pareto;

/// <summary>The definitions, written down slowly.</summary>
static class Oracle
{
    /// <summary>Compares every pair.</summary>
    public static bool[] Nondominated(double[] points, int objectives)
    {
        double[][] rows = [.. points.Chunk(objectives)];
        return [.. rows.Select(row => !rows.Any(other => Dominates(other, row)))];
    }

    /// <summary>Nowhere larger, somewhere smaller.</summary>
    public static bool Dominates(double[] a, double[] b) =>
        a.Zip(b).All(pair => pair.First <= pair.Second) && a.Zip(b).Any(pair => pair.First < pair.Second);

    /// <summary>Slices along the last objective (Zitzler 2001).</summary>
    public static double Volume(double[] points, double[] reference)
    {
        double[][] inside = [.. points.Chunk(reference.Length).Where(row => row.Zip(reference).All(pair => pair.First < pair.Second))];
        return Slice(inside, reference, reference.Length);
    }

    /// <summary>Adds and subtracts the boxes that the subsets of at most 12 points have in common.</summary>
    public static double VolumeByInclusionExclusion(double[] points, double[] reference)
    {
        double[][] rows = [.. points.Chunk(reference.Length).Where(row => row.Zip(reference).All(pair => pair.First < pair.Second))];
        double volume = 0;
        for (int subset = 1; subset < 1 << rows.Length; subset++)
        {
            double box = 1;
            for (int k = 0; k < reference.Length; k++)
            {
                box *= reference[k] - Enumerable.Range(0, rows.Length).Where(i => (subset >> i & 1) == 1).Max(i => rows[i][k]);
            }

            volume += int.PopCount(subset) % 2 == 1 ? box : -box;
        }

        return volume;
    }

    /// <summary>Leaves each nondominated point out.</summary>
    public static double[] Contributions(double[] points, double[] reference)
    {
        int m = reference.Length;
        bool[] mask = Nondominated(points, m);
        double[][] rows = [.. points.Chunk(m)];
        double all = Volume([.. rows.Where((_, i) => mask[i]).SelectMany(row => row)], reference);
        return [.. rows.Select((_, left) =>
            mask[left] ? all - Volume([.. rows.Where((_, i) => mask[i] && i != left).SelectMany(row => row)], reference) : 0)];
    }

    static double Slice(double[][] points, double[] reference, int objectives)
    {
        if (points.Length == 0) return 0;
        if (objectives == 1) return reference[0] - points.Min(point => point[0]);
        int last = objectives - 1;
        double[][] sorted = [.. points.OrderBy(point => point[last])];
        double volume = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double ceiling = i + 1 < sorted.Length ? sorted[i + 1][last] : reference[last];
            double height = ceiling - sorted[i][last];
            if (height > 0) volume += height * Slice(sorted[..(i + 1)], reference, last);
        }

        return volume;
    }
}
