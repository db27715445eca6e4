namespace Kneepoint.Measurement.Statistics;

/// <summary>ln n!</summary>
static class LogFactorial
{
    const int Summed = 256;
    static readonly double[] Table = Sums();

    /// <summary>The value.</summary>
    /// <remarks>Sums of logarithms up to 255, then Stirling's series to n⁻⁵, whose error is below 10⁻¹⁹ there. Source: Abramowitz and Stegun 6.1.41.</remarks>
    /// <param name="n">At least 0.</param>
    public static double Of(int n)
    {
        if (n < Summed) return Table[n];
        double inverse = 1.0 / n, square = inverse * inverse;
        return (n + 0.5) * Math.Log(n) - n + 0.5 * Math.Log(2 * Math.PI) + inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260));
    }

    static double[] Sums()
    {
        double[] sums = new double[Summed];
        for (int n = 2; n < Summed; n++) sums[n] = sums[n - 1] + Math.Log(n);
        return sums;
    }
}
