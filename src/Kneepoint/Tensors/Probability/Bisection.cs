namespace Kneepoint.Tensors.Probability;

/// <summary>Finds where a growing function crosses zero.</summary>
static class Bisection
{
    /// <summary>The root of a function that is at most 0 at <paramref name="low"/> and grows; <paramref name="high"/> if it stays below 0.</summary>
    /// <remarks>Halves until the ends are neighbours; at most about 1100 steps, usually 60.</remarks>
    public static double Root(Func<double, double> function, double low, double high)
    {
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) return high;
            if (function(middle) < 0) low = middle;
            else high = middle;
        }
    }
}
