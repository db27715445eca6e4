namespace Kneepoint.Limits.Size;

/// <summary>How far a counted error rate is from a true one, kl(q‖p) = q·ln(q/p) + (1 − q)·ln((1 − q)/(1 − p)), and the rates at a given distance.</summary>
/// <remarks>
/// The inverses are limits that are claimed, so they err to the safe side: the distance is widened by 10⁻¹³ of itself, which is more than rounding takes, and of the two
/// neighboring numbers around the limit the outer one is given.
/// </remarks>
public static class BinaryDivergence
{
    const double Widened = 1 + 1e-13;

    /// <summary>Computes kl(q‖p).</summary>
    /// <param name="q">The counted rate, 0 to 1.</param>
    /// <param name="p">The true rate, 0 to 1.</param>
    /// <returns>Nats, at least 0; 0 only where both are equal, infinite where p is 0 or 1 and q is not the same.</returns>
    public static double Nats(double q, double p)
    {
        Probability.CheckShare(q, nameof(q));
        Probability.CheckShare(p, nameof(p));
        if (q == p) return 0;
        if (p is 0 or 1) return double.PositiveInfinity;
        // The two deviances add up to kl since their linear parts cancel; both are positive, so that nothing else does.
        return Deviance.Of(q, p - q) + Deviance.Of(1 - q, q - p);
    }

    /// <summary>The largest p with kl(q‖p) ≤ <paramref name="nats"/>.</summary>
    /// <param name="q">The counted rate, 0 to 1.</param>
    /// <param name="nats">The distance, at least 0; infinite is allowed.</param>
    public static double Upper(double q, double nats)
    {
        Check(q, nats);
        if (nats == 0) return q;
        double distance = nats * Widened;
        if (q == 0) return Math.Min(1, -NearOne.Exp(-distance));
        return Bracket.Of(p => Nats(q, p) <= distance, q, 1).Next;
    }

    /// <summary>The smallest p with kl(q‖p) ≤ <paramref name="nats"/>.</summary>
    /// <param name="q">The counted rate, 0 to 1.</param>
    /// <param name="nats">The distance, at least 0; infinite is allowed.</param>
    public static double Lower(double q, double nats)
    {
        Check(q, nats);
        if (nats == 0) return q;
        double distance = nats * Widened;
        if (q == 1) return distance < double.PositiveInfinity ? Math.BitDecrement(Math.Exp(-distance)) : 0;
        return Bracket.Of(p => Nats(q, p) > distance, 0, q).Last;
    }

    static void Check(double q, double nats)
    {
        Probability.CheckShare(q, nameof(q));
        if (!(nats >= 0)) throw new ArgumentOutOfRangeException(nameof(nats), nats, "A distance must be at least 0.");
    }
}
