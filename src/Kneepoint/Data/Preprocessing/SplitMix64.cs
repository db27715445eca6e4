namespace Kneepoint.Data.Preprocessing;

/// <summary>A small generator of pseudorandom numbers whose stream depends on its keys only.</summary>
/// <remarks>Source: SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.</remarks>
struct SplitMix64
{
    ulong _state;

    /// <summary>Starts a stream; different keys give unrelated streams.</summary>
    public SplitMix64(params ReadOnlySpan<ulong> keys)
    {
        foreach (ulong key in keys) _state = Mix(_state + key * 0x9E3779B97F4A7C15);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A whole number below <paramref name="bound"/>; its bias is below bound ÷ 2^64.</summary>
    public long Below(long bound) => (long)(((UInt128)Next() * (ulong)bound) >> 64);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
