namespace Kneepoint.Limits.Size;

/// <summary>What a count costs beside another one that was expected.</summary>
static class Deviance
{
    const double SeriesBelow = 0.1;

    /// <summary>Computes x·ln(x/m) + m − x for m = x + d, without the cancellation that this form has near d = 0; never negative.</summary>
    /// <remarks>
    /// With t = d/x it is x·(t − ln(1 + t)), and for small t, with v = t/(2 + t), ln(1 + t) = 2(v + v³/3 + v⁵/5 + …), so that t − ln(1 + t) = t·v − 2v³(1/3 + v²/5 + …).
    /// Source: [Loader2000]. Relative error of a few units in the last place of d.
    /// </remarks>
    /// <param name="x">At least 0.</param>
    /// <param name="d">m − x, at least −x.</param>
    /// <returns>d where x = 0; infinite where m = 0 and x is not.</returns>
    public static double Of(double x, double d)
    {
        if (x == 0) return d;
        double t = d / x;
        if (t <= -1) return double.PositiveInfinity;
        if (Math.Abs(t) > SeriesBelow) return d - x * NearOne.Log(t);
        double v = t / (2 + t), square = v * v, sum = 0, power = 1;
        for (int odd = 3; power > 1e-20; odd += 2, power *= square) sum += power / odd;
        return x * (t * v - 2 * v * square * sum);
    }
}
