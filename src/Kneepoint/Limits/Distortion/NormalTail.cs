namespace Kneepoint.Limits.Distortion;

/// <summary>Density and upper tail of the standard normal distribution.</summary>
static class NormalTail
{
    /// <summary>φ(z) = e^(−z²/2)/√(2π).</summary>
    public static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>P(Z > z), to a relative error of about 10⁻¹⁵ below z = 3 and 10⁻¹² beyond.</summary>
    /// <remarks>To z = 3 ½ less the series φ(z)·(z + z³/3 + z⁵/(3·5) + …), beyond it the continued fraction φ(z) ÷ (z + 1/(z + 2/(z + 3/…))). Source: Abramowitz and Stegun 26.2.11 and 26.2.14.</remarks>
    /// <param name="z">At least 0.</param>
    public static double Upper(double z)
    {
        if (z <= 3) return 0.5 - Below(z);
        if (double.IsPositiveInfinity(z)) return 0;
        double value = z;
        for (int k = 120; k >= 1; k--) value = z + k / value;
        return Density(z) / value;
    }

    /// <summary>P(0 &lt; Z &lt; z).</summary>
    /// <param name="z">At least 0.</param>
    public static double Below(double z)
    {
        if (z > 3) return 0.5 - Upper(z);
        double term = z, sum = z;
        for (int k = 3; term > sum * 1e-17; k += 2)
        {
            term *= z * z / k;
            sum += term;
        }

        return Density(z) * sum;
    }
}
