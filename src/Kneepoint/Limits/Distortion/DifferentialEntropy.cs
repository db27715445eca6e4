namespace Kneepoint.Limits.Distortion;

/// <summary>The differential entropy of named densities, in bits.</summary>
/// <remarks>h(X) = −∫ f log₂ f. It depends on the unit: h(aX) = h(X) + log₂|a|. Source: [CoverThomas2006] chapter 8.</remarks>
public static class DifferentialEntropy
{
    /// <summary>Of a Gaussian: ½ log₂(2πe σ²).</summary>
    /// <param name="variance">σ², above 0.</param>
    public static double GaussianBits(double variance) => 0.5 * Math.Log2(2 * Math.PI * Math.E * Positive(variance, nameof(variance)));

    /// <summary>Of a Laplace density e^(−|x|/b)/2b: log₂(2e b). Its variance is 2b².</summary>
    /// <param name="scale">b, above 0.</param>
    public static double LaplaceBits(double scale) => Math.Log2(2 * Math.E * Positive(scale, nameof(scale)));

    /// <summary>Of a uniform density: log₂ of its width. Its variance is width²/12.</summary>
    /// <param name="width">Above 0.</param>
    public static double UniformBits(double width) => Math.Log2(Positive(width, nameof(width)));

    static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "Expected a finite number above 0.");
}
