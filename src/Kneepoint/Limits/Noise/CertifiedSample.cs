namespace Kneepoint.Limits.Noise;

/// <summary>What interval propagation tells of one sample.</summary>
/// <param name="Class">The class that the network gives, or the one nearest to being certified.</param>
/// <param name="LeastLead">By how much its score exceeds every other one, at least, in all networks of the box; in the units of the scores.</param>
public readonly record struct CertifiedSample(int Class, double LeastLead)
{
    /// <summary>Whether every network of the box gives this class.</summary>
    public bool IsCertified => LeastLead > 0;
}
