using System.Numerics;
using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Indices;

/// <summary>How often each of a few symbols comes, as shares of <see cref="Total"/>.</summary>
/// <remarks>Every symbol that occurs has a share of at least one. The shares are those with the fewest bits for all symbols together: a unit more goes where it saves most.</remarks>
static class StaticShares
{
    /// <summary>The logarithm of the sum of all shares.</summary>
    public const int Bits = 12;

    /// <summary>The sum of all shares.</summary>
    public const int Total = 1 << Bits;

    const int Limit = 60;

    /// <summary>The shares that fit counts best.</summary>
    /// <param name="counts">How often each symbol occurs; at most <see cref="Total"/> symbols, and not all zero.</param>
    public static int[] Of(ReadOnlySpan<int> counts)
    {
        long all = 0;
        foreach (int count in counts) all += count;
        int[] shares = new int[counts.Length];
        int left = Total;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            shares[i] = (int)Math.Max(1, (long)counts[i] * Total / all);
            left -= shares[i];
        }

        for (; left > 0; left--) shares[MostSaved(counts, shares)]++;
        for (; left < 0; left++) shares[LeastLost(counts, shares)]--;
        for (int to = MostSaved(counts, shares), from = LeastLost(counts, shares); from >= 0 && Saved(counts[to], shares[to]) > Saved(counts[from], shares[from] - 1); to = MostSaved(counts, shares), from = LeastLost(counts, shares))
        {
            shares[to]++;
            shares[from]--;
        }

        return shares;
    }

    /// <summary>Carries shares.</summary>
    /// <param name="coder">Writes, reads or counts.</param>
    /// <param name="shares">One for each symbol; a reader fills them.</param>
    /// <exception cref="PackedModelException">What was read does not add up.</exception>
    public static void Code(IBitCoder coder, Span<int> shares)
    {
        // The length of a share in bits, told by the one before; then its lower bits.
        uint[] states = AdaptiveBit.NewStates((Bits + 2) * (Bits + 2));
        int before = 0;
        long sum = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            int length = 32 - BitOperations.LeadingZeroCount((uint)shares[i]), coded = 0;
            while (coded < Bits + 1 && coder.CodeAdaptive(length > coded ? 1 : 0, ref states[before * (Bits + 2) + coded], Limit) != 0) coded++;

            uint lower = coded > 1 ? (uint)coder.CodeRaw((uint)shares[i], coded - 1) : 0;
            shares[i] = coded == 0 ? 0 : (int)((1u << (coded - 1)) | lower);
            sum += shares[i];
            before = coded;
        }

        if (sum != Total) throw new PackedModelException($"The shares of {shares.Length} symbols add up to {sum}, expected {Total}.");
    }

    // Bits of the whole code, in nats, that a unit more than this share saves.
    static double Saved(int count, int share) => count * Math.Log((share + 1.0) / share);

    static int MostSaved(ReadOnlySpan<int> counts, ReadOnlySpan<int> shares)
    {
        int best = -1;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && (best < 0 || Saved(counts[i], shares[i]) > Saved(counts[best], shares[best]))) best = i;
        }

        return best;
    }

    // Negative if no symbol has a unit to give.
    static int LeastLost(ReadOnlySpan<int> counts, ReadOnlySpan<int> shares)
    {
        int best = -1;
        for (int i = 0; i < counts.Length; i++)
        {
            if (shares[i] > 1 && (best < 0 || Saved(counts[i], shares[i] - 1) < Saved(counts[best], shares[best] - 1))) best = i;
        }

        return best;
    }
}
