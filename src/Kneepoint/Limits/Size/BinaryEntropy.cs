namespace Kneepoint.Limits.Size;

/// <summary>What the answer to one question holds.</summary>
static class BinaryEntropy
{
    /// <summary>Computes h₂(p) = −p·log₂ p − (1 − p)·log₂(1 − p).</summary>
    /// <param name="p">0 to 1.</param>
    /// <returns>Bits, 0 to 1; 0 at both ends.</returns>
    public static double Bits(double p)
    {
        Probability.CheckShare(p, nameof(p));
        if (p is 0 or 1) return 0;
        return (-p * Math.Log(p) - (1 - p) * NearOne.Log(-p)) / Math.Log(2);
    }
}
