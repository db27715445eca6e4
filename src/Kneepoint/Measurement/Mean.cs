namespace Kneepoint.Measurement;

/// <summary>The arithmetic mean.</summary>
static class Mean
{
    /// <summary>Computes the sum of values ÷ n in double, first to last; NaN if empty.</summary>
    public static double Of(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += value;
        return sum / values.Length;
    }
}
