using Kneepoint.Pareto;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.Distortion;

/// <summary>The entropy-coded uniform quantizer of a Gaussian: exact rate and distortion.</summary>
/// <remarks>
/// Cells [(k − ½)Δ, (k + ½)Δ), each reproduced as its mean. With p_k = Φ(b) − Φ(a) and the means σ(φ(a) − φ(b))/p_k: R = −Σ p_k log₂ p_k and D = σ² − Σ p_k mean_k². Cells are summed until one holds less than 10⁻³⁰. D loses digits as
/// 10⁻¹⁵(σ/Δ)². Source: [GishPierce1968].
/// </remarks>
public static class GaussianQuantizer
{
    const double FewestSteps = 1e-3;
    const double Negligible = 1e-30;

    /// <summary>Rate and distortion of a step.</summary>
    /// <param name="variance">σ², above 0.</param>
    /// <param name="step">Δ, at least a thousandth of σ.</param>
    public static QuantizerPoint AtStep(double variance, double step)
    {
        if (!(variance > 0 && double.IsFinite(variance))) throw new ArgumentOutOfRangeException(nameof(variance), variance, "A variance must be finite and above 0.");
        double width = step / Math.Sqrt(variance);
        if (!(width >= FewestSteps && double.IsFinite(width))) throw new ArgumentOutOfRangeException(nameof(step), step, $"Expected a finite step of at least {FewestSteps} standard deviations.");
        CompensatedSum bits = default, error = default;
        double center = 2 * NormalDistribution.Below(width / 2);
        bits.Add(Bits(center));
        error.Add(1);
        double upper = NormalDistribution.Upper(width / 2), density = NormalDistribution.Density(width / 2);
        for (int k = 1; ; k++)
        {
            double edge = (k + 0.5) * width, next = NormalDistribution.Upper(edge), nextDensity = NormalDistribution.Density(edge);
            double mass = upper - next, first = density - nextDensity;
            if (!(mass > Negligible)) break;
            bits.Add(2 * Bits(mass));
            error.Add(-2 * first * first / mass);
            (upper, density) = (next, nextDensity);
        }

        return new QuantizerPoint(step, bits.Value, variance * error.Value);
    }

    /// <summary>The step whose indices have an entropy, by halving.</summary>
    /// <param name="variance">σ², above 0.</param>
    /// <param name="rateBits">0.001 to 11 bits for each number.</param>
    public static QuantizerPoint AtRate(double variance, double rateBits)
    {
        if (!(rateBits is >= 0.001 and <= 11)) throw new ArgumentOutOfRangeException(nameof(rateBits), rateBits, "Expected 0.001 to 11 bits.");
        double deviation = Math.Sqrt(variance);
        return QuantizerSearch.AtRate(step => AtStep(variance, step), FewestSteps * deviation, 16 * deviation, rateBits);
    }

    static double Bits(double mass) => mass > 0 ? -mass * Math.Log2(mass) : 0;
}
