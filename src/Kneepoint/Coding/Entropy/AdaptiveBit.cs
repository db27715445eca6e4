namespace Kneepoint.Coding.Entropy;

/// <summary>The probability of a bit, learned from the bits that came before in the same context.</summary>
/// <remarks>
/// The estimate after n bits moves by 1/(n + 1.5) of the error: it is the mean of what was seen (with a weak prior) and becomes an exponential average once n reaches its limit.
/// The upper 22 bits of a state are the probability, the lower 10 the count. Source: the adaptive probability maps of [Mahoney2005].
/// </remarks>
static class AdaptiveBit
{
    /// <summary>Nothing seen: a probability of one half.</summary>
    public const uint Fresh = 1u << 31;

    /// <summary>The largest limit of the count.</summary>
    public const int MostCount = 1023;

    static readonly int[] Reciprocals = MakeReciprocals();

    /// <summary>States that have seen nothing.</summary>
    public static uint[] NewStates(int count)
    {
        uint[] states = new uint[count];
        Array.Fill(states, Fresh);
        return states;
    }

    /// <summary>The probability of a one in units of 2⁻¹⁶, from 1 to 65,535.</summary>
    public static uint Probability(uint state) => Math.Clamp(state >> 16, 1u, 65535u);

    /// <summary>How many bits were seen, up to the limit.</summary>
    public static int Count(uint state) => (int)(state & MostCount);

    /// <summary>Takes a bit in.</summary>
    /// <param name="state">The state of the context.</param>
    /// <param name="bit">0 or 1.</param>
    /// <param name="limit">The count from which old bits are forgotten, at most <see cref="MostCount"/>.</param>
    public static void Update(ref uint state, int bit, int limit)
    {
        uint s = state;
        int count = (int)(s & MostCount);
        int probability = (int)(s >> 10);
        int error = (bit << 22) - probability >> 3;
        long moved = probability + ((long)error * Reciprocals[count] >> 13);
        state = ((uint)Math.Clamp(moved, 0, (1 << 22) - 1) << 10) | (uint)(count < limit ? count + 1 : count);
    }

    static int[] MakeReciprocals()
    {
        int[] table = new int[MostCount + 1];
        for (int i = 0; i < table.Length; i++) table[i] = (int)(65536 / (i + 1.5));
        return table;
    }
}
