namespace Kneepoint.Measurement.Statistics;

/// <summary>How many of all items are marked, known from some that were drawn without replacement in random order: bounds that hold at all times together, however often one looks.</summary>
/// <remarks>
/// Of M items K are marked; of s drawn, x are. P(x | K) is hypergeometric. If K had been drawn from a beta-binomial distribution with both parameters ½, the probability of x would be
/// E = u(x)·u(s − x) with u(k) = C(2k, k) ÷ 4^k. For every K the ratio E ÷ P(x | K), which is prior over posterior, is no gain on average while one draws, so the chance that it ever
/// reaches 1 ÷ risk is at most the risk (Ville's inequality): the K for which it has not are the bounds. With all drawn only K = x is left.
/// Source: Waudby-Smith and Ramdas, "Confidence sequences for sampling without replacement", NeurIPS 2020, theorem 2.1.
/// </remarks>
/// <param name="Least">At least so many are marked.</param>
/// <param name="Most">At most so many are marked.</param>
readonly record struct DrawnCount(int Least, int Most)
{
    /// <summary>The bounds.</summary>
    /// <param name="items">M, at least as many as drawn.</param>
    /// <param name="drawn">s, at least 0.</param>
    /// <param name="marked">x, from 0 to <paramref name="drawn"/>.</param>
    /// <param name="risk">The chance that the number ever lies outside of the bounds; above 0, below 1.</param>
    public static DrawnCount Of(int items, int drawn, int marked, double risk)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(drawn);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, drawn);
        if (marked < 0 || marked > drawn) throw new ArgumentOutOfRangeException(nameof(marked), marked, $"Expected 0 to {drawn} marked items.");
        if (!(risk is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(risk), risk, "The risk must be above 0 and below 1.");
        if (drawn == 0) return new DrawnCount(0, items);
        int least = marked, most = items - (drawn - marked);
        // The likelihood has one peak, and what lies within the bounds surrounds it: the prior's average is no more than the peak.
        int peak = (int)Math.Clamp((items + 1L) * marked / drawn, least, most);
        double limit = Math.Log(risk) + LogPrior(marked) + LogPrior(drawn - marked);
        return new DrawnCount(Edge(peak, least, limit, items, drawn, marked), Edge(peak, most, limit, items, drawn, marked));
    }

    /// <summary>How much speaks against a number of marked items: the logarithm of E ÷ P(x | K), infinite where that number cannot be.</summary>
    /// <remarks>For the true number its exponential is no gain on average while one draws; so is the product over kinds of items that are drawn apart from each other, in whatever order one turns to them.</remarks>
    /// <param name="items">M.</param>
    /// <param name="total">K, the number in question.</param>
    /// <param name="drawn">s.</param>
    /// <param name="marked">x.</param>
    public static double LogEvidence(int items, int total, int drawn, int marked)
    {
        if (total < marked || items - total < drawn - marked) return double.PositiveInfinity;
        return drawn == 0 ? 0 : LogPrior(marked) + LogPrior(drawn - marked) - LogLikelihood(items, total, drawn, marked);
    }

    // The last number, from one inside towards an end, whose likelihood is above the limit.
    static int Edge(int inside, int end, double limit, int items, int drawn, int marked)
    {
        int step = Math.Sign(end - inside), near = 0, far = Math.Abs(end - inside) + 1;
        while (far - near > 1)
        {
            int middle = near + (far - near) / 2;
            if (LogLikelihood(items, inside + step * middle, drawn, marked) > limit) near = middle;
            else far = middle;
        }

        return inside + step * near;
    }

    static double LogLikelihood(int items, int total, int drawn, int marked) =>
        LogChoose(total, marked) + LogChoose(items - total, drawn - marked) - LogChoose(items, drawn);

    static double LogPrior(int k) => LogChoose(2 * k, k) - 2 * k * Math.Log(2);

    static double LogChoose(int n, int k) => LogFactorial.Of(n) - LogFactorial.Of(k) - LogFactorial.Of(n - k);
}
