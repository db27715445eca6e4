using System.Runtime.InteropServices;
using Kneepoint.Pareto;

namespace Kneepoint.Limits.Distortion;

/// <summary>The bits of a given tensor of indices under codes that see each index by itself.</summary>
/// <remarks>
/// Of n indices of which n_a are a, k different ones:
/// <list type="bullet">
/// <item>Order 0: n·H₀ = Σ n_a log₂(n/n_a). No code that gives an index the same bits wherever it stands takes fewer; its table is not counted.</item>
/// <item>Order 0 with its table, two parts: n·H₀ + (k − 1)/2·log₂ n, what k − 1 shares cost at the precision that pays.</item>
/// <item>Adaptive: what came before predicts, p(a) = (n_a + α)/(n + kα), so that the whole takes −log₂ [Γ(kα)/Γ(n + kα) · Π Γ(n_a + α)/Γ(α)] bits, whatever the order. α = ½ is Krichevsky and Trofimov's, within (k − 1)/2·log₂ n + O(k) of n·H₀
/// for every sequence; α = 1 is Laplace's. Which k values there are is known to both sides.</item>
/// </list>
/// No bound for other classes: a code that looks at neighbors, or at row and column, can be below all of them. Source: [KrichevskyTrofimov1981], [Rissanen1983].
/// </remarks>
public static class IndexCodeLength
{
    /// <summary>L of the theory.</summary>
    public static Statement Statement { get; } = new('L', "Code length of the indices", LimitStatus.True,
        "of these indices, for codes that see each index by itself (order 0, static or adaptive); a code that uses context can be below");

    /// <summary>How often each index occurs; of those that do.</summary>
    public static long[] CountsOf(ReadOnlySpan<int> indices)
    {
        var counts = new Dictionary<int, long>();
        foreach (int index in indices) CollectionsMarshal.GetValueRefOrAddDefault(counts, index, out _)++;
        return [.. counts.OrderBy(count => count.Key).Select(count => count.Value)];
    }

    /// <summary>n·H₀ bits.</summary>
    /// <param name="counts">n_a, at least 0.</param>
    public static double Order0Bits(ReadOnlySpan<long> counts)
    {
        double total = Total(counts);
        CompensatedSum bits = default;
        foreach (long count in counts)
        {
            if (count > 0) bits.Add(count * Math.Log2(total / count));
        }

        return bits.Value;
    }

    /// <summary>n·H₀ + (k − 1)/2·log₂ n bits, k the indices that occur.</summary>
    /// <param name="counts">n_a, at least 0.</param>
    public static double TwoPartBits(ReadOnlySpan<long> counts)
    {
        double total = Total(counts);
        int kinds = counts.Length - counts.Count(0L);
        return total == 0 ? 0 : Order0Bits(counts) + (kinds - 1) / 2.0 * Math.Log2(total);
    }

    /// <summary>The adaptive code of Krichevsky and Trofimov, bits.</summary>
    /// <param name="counts">n_a, at least 0; k is their number, those that do not occur included.</param>
    public static double KrichevskyTrofimovBits(ReadOnlySpan<long> counts) => AdaptiveBits(counts, 0.5);

    /// <summary>The adaptive code of Laplace's rule of succession, bits.</summary>
    /// <param name="counts">n_a, at least 0; k is their number, those that do not occur included.</param>
    public static double LaplaceBits(ReadOnlySpan<long> counts) => AdaptiveBits(counts, 1);

    /// <summary>An adaptive code that starts as if each index had been seen α times, bits.</summary>
    /// <param name="counts">n_a, at least 0; k is their number, those that do not occur included.</param>
    /// <param name="prior">α, above 0.</param>
    public static double AdaptiveBits(ReadOnlySpan<long> counts, double prior)
    {
        if (!(prior > 0 && double.IsFinite(prior))) throw new ArgumentOutOfRangeException(nameof(prior), prior, "A prior must be finite and above 0.");
        double total = Total(counts);
        if (total == 0) return 0;
        CompensatedSum nats = default;
        nats.Add(LogGamma.Of(total + counts.Length * prior));
        nats.Add(-LogGamma.Of(counts.Length * prior));
        foreach (long count in counts)
        {
            if (count > 0) nats.Add(LogGamma.Of(prior) - LogGamma.Of(count + prior));
        }

        return Math.Max(0, nats.Value / Math.Log(2));
    }

    static double Total(ReadOnlySpan<long> counts)
    {
        long total = 0;
        foreach (long count in counts)
        {
            if (count < 0) throw new ArgumentOutOfRangeException(nameof(counts), count, "A count must be at least 0.");
            total += count;
        }

        return total;
    }
}
