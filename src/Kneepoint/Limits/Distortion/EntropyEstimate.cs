namespace Kneepoint.Limits.Distortion;

/// <summary>A differential entropy estimated from numbers.</summary>
/// <param name="Bits">h, bits. −∞ where there are atoms.</param>
/// <param name="StandardErrorBits">The standard error by chance, without the bias; NaN where there are atoms.</param>
/// <param name="Count">Numbers seen.</param>
/// <param name="Spacing">m: each density is that of m numbers next to one another.</param>
/// <param name="AtomShare">The share of the numbers whose value occurs more than m times: no density describes them.</param>
/// <param name="RepeatedShare">The share of the numbers that repeat another. A few repeats are those of rounding to binary32; many mean a grid, on which a density means something only for errors far above the grid's step.</param>
public readonly record struct EntropyEstimate(double Bits, double StandardErrorBits, int Count, int Spacing, double AtomShare, double RepeatedShare)
{
    /// <summary>Whether there is a density at all. With atoms (zeros of a pruned tensor, entries of a codebook) h = −∞, every bound from it is −∞, and <see cref="BlahutArimoto"/> is the one to ask.</summary>
    public bool IsMeaningful => AtomShare == 0;
}
