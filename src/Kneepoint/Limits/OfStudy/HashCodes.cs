namespace Kneepoint.Limits.OfStudy;

/// <summary>Makes one seed of several numbers, the same in each process.</summary>
static class HashCodes
{
    /// <summary>SplitMix64's finisher over all numbers.</summary>
    public static long Of(params ReadOnlySpan<long> numbers)
    {
        ulong state = 0;
        foreach (long number in numbers)
        {
            state += (ulong)number + 0x9E3779B97F4A7C15;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
            state ^= state >> 31;
        }

        return (long)state;
    }
}
