namespace Kneepoint.Limits.Size;

/// <summary>Logarithm and exponential beside 1, where adding 1 would lose the digits of small numbers.</summary>
/// <remarks>Source: Kahan's correction by the rounded argument. Relative error of a few units in the last place.</remarks>
static class NearOne
{
    /// <summary>Computes ln(1 + x).</summary>
    /// <param name="x">At least −1.</param>
    public static double Log(double x)
    {
        double sum = 1 + x;
        // Dividing by what was really added takes back what rounding did to the sum.
        return sum == 1 ? x : double.IsPositiveInfinity(sum) || sum == 0 ? Math.Log(sum) : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>Computes eˣ − 1.</summary>
    public static double Exp(double x)
    {
        double power = Math.Exp(x);
        if (power == 1) return x;
        double difference = power - 1;
        return difference == -1 || double.IsPositiveInfinity(power) ? difference : difference * (x / Math.Log(power));
    }
}
