using Kneepoint.Tensors.Probability;

namespace Kneepoint.Measurement.Statistics;

/// <summary>Student's t distribution for whole degrees of freedom.</summary>
static class StudentDistribution
{
    const int NearlyNormal = 2000;

    /// <summary>Computes P(|T| ≤ t) with <paramref name="degrees"/> degrees of freedom, at least 1.</summary>
    /// <remarks>The finite sums in θ = atan(t ÷ √ν). Source: Abramowitz and Stegun 26.7.3 and 26.7.4.</remarks>
    public static double Central(double t, int degrees)
    {
        double theta = Math.Atan(t / Math.Sqrt(degrees));
        double sine = Math.Sin(theta), cosine = Math.Cos(theta);
        bool isOdd = degrees % 2 == 1;
        double term = isOdd ? cosine : 1, sum = degrees == 1 ? 0 : term;
        for (int k = isOdd ? 3 : 2; k <= degrees - 2; k += 2)
        {
            term *= cosine * cosine * (k - 1) / k;
            sum += term;
        }

        return isOdd ? 2 / Math.PI * (theta + sine * sum) : sine * sum;
    }

    /// <summary>Computes t with P(|T| ≤ t) = <paramref name="confidence"/>, at least 0 and below 1.</summary>
    /// <remarks>From 2000 degrees on the normal quantile with the first term of its expansion in 1/ν, which is exact to 10⁻⁶ there
    /// (Abramowitz and Stegun 26.7.5).</remarks>
    public static double TwoSided(double confidence, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        if (degrees < NearlyNormal) return Bisection.Root(t => Central(t, degrees) - confidence, 0, 1e12);
        double z = NormalDistribution.Quantile((1 + confidence) / 2);
        return z + (z * z * z + z) / (4.0 * degrees);
    }
}
