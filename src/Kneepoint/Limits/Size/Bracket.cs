namespace Kneepoint.Limits.Size;

/// <summary>Finds the place where a condition ends to hold.</summary>
static class Bracket
{
    /// <summary>Two neighboring numbers between which the condition changes.</summary>
    /// <remarks>Halves the interval; usually 60 calls, at most about 1100.</remarks>
    /// <param name="holds">Holds up to some place above <paramref name="low"/> and not beyond it.</param>
    /// <param name="low">Where it holds; it is not asked there.</param>
    /// <param name="high">Where it does not; it is not asked there.</param>
    /// <returns>The last number where it holds, and the next, where it does not. The caller takes the one on the safe side.</returns>
    public static (double Last, double Next) Of(Func<double, bool> holds, double low, double high)
    {
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) return (low, high);
            if (holds(middle)) low = middle;
            else high = middle;
        }
    }
}
