namespace Kneepoint.Limits.Size;

/// <summary>Exact one-sided limits of an error rate.</summary>
/// <remarks>
/// The lower limit is the p at which P(X ≥ k) falls to δ, the upper the p at which P(X ≤ k) does, X binomial(n, p) and k the errors counted. Each holds with probability at
/// least 1 − δ for every p and n, and usually with more, since errors are whole numbers. Both together hold with 1 − 2δ.
/// Right to 10⁻¹² relative; of the two neighboring numbers around a limit the one on the safe side is given. Cost: O(√n) some sixty times; 0.1 s at n = 10⁹.
/// Source: [Clopper1934].
/// </remarks>
public static class ClopperPearson
{
    /// <summary>The guarantee that held-out examples give by themselves, whatever the network's size.</summary>
    public static Statement Statement { get; } = new('E', "Held-out guaranteed error", LimitStatus.True,
        "the test examples are independent, and neither the network nor the choice of it has seen them");

    /// <summary>The error rate is at least this, with probability at least 1 − <paramref name="failure"/>.</summary>
    /// <param name="counted">What was counted on independent examples.</param>
    /// <param name="failure">δ, above 0 and below 1.</param>
    /// <returns>0 where no error was counted.</returns>
    public static double Lower(ErrorCount counted, double failure)
    {
        Probability.CheckFailure(failure, nameof(failure));
        var (k, n) = (counted.Errors, counted.Examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1, nameof(counted));
        if (k == 0) return 0;
        double log = Math.Log(failure);
        return k == n ? Math.Exp(log / n) : Bracket.Of(p => BinomialTail.LogAtLeast(k, n, p) <= log, 0, 1).Last;
    }

    /// <summary>The error rate is at most this, with probability at least 1 − <paramref name="failure"/>: the guaranteed error of a network on held-out examples.</summary>
    /// <param name="counted">What was counted on independent examples.</param>
    /// <param name="failure">δ, above 0 and below 1.</param>
    /// <returns>1 where every example was an error.</returns>
    public static double Upper(ErrorCount counted, double failure)
    {
        Probability.CheckFailure(failure, nameof(failure));
        var (k, n) = (counted.Errors, counted.Examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1, nameof(counted));
        if (k == n) return 1;
        double log = Math.Log(failure);
        return k == 0 ? -NearOne.Exp(log / n) : Bracket.Of(p => BinomialTail.LogAtMost(k, n, p) > log, 0, 1).Next;
    }
}
