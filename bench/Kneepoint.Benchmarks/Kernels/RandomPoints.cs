namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Sets of points as the literature measures with: spread over the unit cube, or all nondominated on a plane.</summary>
static class RandomPoints
{
    const int Seed = 42;

    /// <summary>Independent and uniform in [0, 1).</summary>
    /// <returns>[count, objectives].</returns>
    public static double[] Cube(int count, int objectives)
    {
        var random = new Random(Seed);
        double[] points = new double[count * objectives];
        foreach (ref double value in points.AsSpan()) value = random.NextDouble();
        return points;
    }

    /// <summary>Uniform on the simplex: positive coordinates that sum to one.</summary>
    /// <returns>[count, objectives].</returns>
    public static double[] Plane(int count, int objectives)
    {
        double[] points = Cube(count, objectives);
        for (int i = 0; i < points.Length; i += objectives)
        {
            double sum = 0;
            for (int k = i; k < i + objectives; k++) sum += points[k] = -Math.Log(1 - points[k]);
            for (int k = i; k < i + objectives; k++) points[k] /= sum;
        }

        return points;
    }
}
