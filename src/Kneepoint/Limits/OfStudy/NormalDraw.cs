using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Draws from the standard normal distribution.</summary>
static class NormalDraw
{
    /// <summary>The next number: the quantile of a uniform one, so that each takes one draw.</summary>
    public static double Next(Xoshiro256 random)
    {
        // Strictly between 0 and 1.
        double uniform = ((random.Next() >> 11) + 0.5) * (1.0 / (1UL << 53));
        return NormalDistribution.Quantile(uniform);
    }
}
