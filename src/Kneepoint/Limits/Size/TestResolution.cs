namespace Kneepoint.Limits.Size;

/// <summary>How fine a difference a test set can show.</summary>
/// <remarks>
/// Half the width of a 95 % interval. Unpaired: z·√(p(1 − p)/n) for the accuracy p of one network. Paired: z·√(d/n) for the difference of two networks on the same examples, where d is the
/// share of examples that only one of them gets right; the variance is (d − Δ²)/n, and the difference Δ itself, which makes it smaller, is left out. z = 1.96. Points that are closer
/// than this are one point. The normal distribution stands for the binomial: from about ten examples on that are wrong, or differ.
/// </remarks>
public static class TestResolution
{
    // The 0.975 quantile of the standard normal distribution.
    const double TwoSided95 = 1.959963984540054;

    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('P', "Resolution of the test set", LimitStatus.True,
        "the test examples are independent; half the width of a 95 % interval in the normal approximation, which at least ten errors or differing examples make good");

    /// <summary>The half width for one network, as a share.</summary>
    /// <param name="examples">n, at least 1.</param>
    /// <param name="accuracy">p, 0 to 1.</param>
    public static double Unpaired(long examples, double accuracy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        Probability.CheckShare(accuracy, nameof(accuracy));
        return TwoSided95 * Math.Sqrt(accuracy * (1 - accuracy) / examples);
    }

    /// <summary>The half width for the difference of two networks on the same examples, as a share.</summary>
    /// <param name="examples">n, at least 1.</param>
    /// <param name="discordant">d, the share that exactly one of the two gets right, 0 to 1.</param>
    public static double Paired(long examples, double discordant)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        Probability.CheckShare(discordant, nameof(discordant));
        return TwoSided95 * Math.Sqrt(discordant / examples);
    }
}
