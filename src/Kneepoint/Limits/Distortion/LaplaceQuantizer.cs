namespace Kneepoint.Limits.Distortion;

/// <summary>The entropy-coded uniform quantizer of a Laplace density: rate and distortion in closed form.</summary>
/// <remarks>
/// Cells [(k − ½)Δ, (k + ½)Δ), each reproduced as its mean. With u = Δ/b and q = e^(−u/2) outside the cell around 0, the cells outside are geometric with the ratio e^(−u) on either side:
/// R = h₂(q) + q·(1 + h₂(e^(−u))/(1 − e^(−u))), and D = b²·(2 − q(u²/4 + u + 2)) + q·b²·(1 − u²/(4 sinh²(u/2))). Small steps by series, so that no digits cancel. Uniform thresholds are the best ones for a Laplace density but for the cell around 0,
/// which at low rates should be wider. Source: [Sullivan1996].
/// </remarks>
public static class LaplaceQuantizer
{
    /// <summary>Rate and distortion of a step.</summary>
    /// <param name="scale">b, above 0; the variance is 2b².</param>
    /// <param name="step">Δ, above 0.</param>
    public static QuantizerPoint AtStep(double scale, double step)
    {
        if (!(scale > 0 && double.IsFinite(scale))) throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale must be finite and above 0.");
        double u = step / scale;
        if (!(u > 0 && double.IsFinite(u))) throw new ArgumentOutOfRangeException(nameof(step), step, "A step must be finite and above 0.");
        double outside = Math.Exp(-u / 2), inside = -Expm1(-u / 2), ratio = Math.Exp(-u), rest = -Expm1(-u);
        double bits = BinaryBits(outside, inside) + outside * (1 + BinaryBits(ratio, rest) / rest);
        return new QuantizerPoint(step, bits, scale * scale * (Center(u / 2) + outside * Slice(u)));
    }

    /// <summary>The step whose indices have an entropy, by halving.</summary>
    /// <param name="scale">b, above 0.</param>
    /// <param name="rateBits">0.001 to 20 bits for each number.</param>
    public static QuantizerPoint AtRate(double scale, double rateBits)
    {
        if (!(rateBits is >= 0.001 and <= 20)) throw new ArgumentOutOfRangeException(nameof(rateBits), rateBits, "Expected 0.001 to 20 bits.");
        return QuantizerSearch.AtRate(step => AtStep(scale, step), 1e-6 * scale, 50 * scale, rateBits);
    }

    // ∫_0^t x² e^(−x) dx.
    static double Center(double t)
    {
        if (t > 0.5) return 2 - Math.Exp(-t) * (t * t + 2 * t + 2);
        double sum = 0, power = t * t * t;
        for (int k = 0; Math.Abs(power) > 1e-20 * t * t * t; k++)
        {
            sum += power / (k + 3);
            power *= -t / (k + 1);
        }

        return sum;
    }

    // The variance of e^(−x) on [0, u], 1 − u²/(4 sinh²(u/2)).
    static double Slice(double u)
    {
        double square = u * u;
        if (u < 0.2) return square * (1.0 / 12 - square * (1.0 / 240 - square * (1.0 / 6048 - square * (1.0 / 172800 - square / 5322240))));
        double sinh = Math.Sinh(u / 2);
        return 1 - square / (4 * sinh * sinh);
    }

    static double BinaryBits(double p, double q) => Term(p) + Term(q);

    static double Term(double p) => p > 0 ? -p * Math.Log2(p) : 0;

    // e^x − 1 without cancellation.
    static double Expm1(double x) => Math.Abs(x) > 0.5 ? Math.Exp(x) - 1 : 2 * Math.Sinh(x / 2) * Math.Exp(x / 2);
}
