namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Steps of few significant bits.</summary>
/// <remarks>A multiple of up to 15 bits of such a step is exact in binary32, so that whoever packs the weights finds the step again, and a step itself takes few bits.</remarks>
static class StepSize
{
    const int SignificantBits = 8;
    const int DroppedBits = 24 - SignificantBits;

    /// <summary>The nearest step of 8 significant bits.</summary>
    public static float Round(float step)
    {
        uint bits = BitConverter.SingleToUInt32Bits(step);
        float rounded = BitConverter.UInt32BitsToSingle((bits + (1u << (DroppedBits - 1))) & ~((1u << DroppedBits) - 1));
        return float.IsNormal(rounded) ? rounded : step;
    }

    /// <summary>The step at which the error of rounding to nearest and its bits balance at high rate: Δ² = 6λ/(ln 2·h), from dE/dR = −λ with E = hΔ²/12.</summary>
    /// <param name="price">λ, error for a bit.</param>
    /// <param name="curvature">h, error for the square of a number's change.</param>
    public static double Balanced(double price, double curvature) => Math.Sqrt(6 * price / (Math.Log(2) * curvature));
}
