using System.Numerics;

namespace Kneepoint.Tensors.Probability;

/// <summary>The pseudo-random generator xoshiro256**: the same numbers from a seed on every machine and version of .NET.</summary>
/// <remarks>The state is filled from the seed by SplitMix64, as the authors advise. Not for secrets.
/// Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021).</remarks>
sealed class Xoshiro256
{
    ulong _a, _b, _c, _d;

    /// <summary>Starts a sequence.</summary>
    public Xoshiro256(long seed)
    {
        ulong state = (ulong)seed;
        _a = SplitMix(ref state);
        _b = SplitMix(ref state);
        _c = SplitMix(ref state);
        _d = SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>An integer from 0 to <paramref name="bound"/> − 1.</summary>
    /// <remarks>The upper half of a 64 by 64 bit product; its bias, below bound ÷ 2⁶⁴, is out of reach of any sample.</remarks>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
