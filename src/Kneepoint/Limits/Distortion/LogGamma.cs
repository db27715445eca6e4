namespace Kneepoint.Limits.Distortion;

/// <summary>ln Γ(x) for x above 0.</summary>
/// <remarks>Moves x to at least 10 by Γ(x + 1) = x·Γ(x), then Stirling's series to x⁻¹³: relative error of about 10⁻¹⁵. Source: Abramowitz and Stegun 6.1.41.</remarks>
static class LogGamma
{
    /// <summary>The value.</summary>
    /// <param name="x">Above 0.</param>
    public static double Of(double x)
    {
        double product = 1;
        for (; x < 10; x++) product *= x;
        double inverse = 1 / x, square = inverse * inverse;
        double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360 - square / 156))))));
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - Math.Log(product);
    }
}
