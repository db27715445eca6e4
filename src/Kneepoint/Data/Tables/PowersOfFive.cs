using System.Numerics;

namespace Kneepoint.Data.Tables;

/// <summary>The leading 128 bits of powers of five.</summary>
/// <remarks>
/// For q ≥ 0 the highest 128 bits of 5^q, truncated; for q &lt; 0 those of 1 / 5^(−q), rounded up. The highest bit is set. Computed exactly once, from
/// whole numbers. Source: [Lemire2021] section 5.
/// </remarks>
static class PowersOfFive
{
    /// <summary>Smaller powers give 0 for every mantissa of 64 bits.</summary>
    public const int Least = -342;

    /// <summary>Larger powers give infinity for every mantissa but 0.</summary>
    public const int Most = 308;

    const int Bits = 128;
    static readonly UInt128[] Table = Compute();

    /// <summary>The bits of 5^<paramref name="power"/>.</summary>
    /// <param name="power"><see cref="Least"/> to <see cref="Most"/>.</param>
    public static UInt128 Of(int power) => Table[power - Least];

    static UInt128[] Compute()
    {
        var table = new UInt128[Most - Least + 1];
        var five = BigInteger.One;
        for (int q = 0; q <= Math.Max(Most, -Least); q++, five *= 5)
        {
            if (q <= Most) table[q - Least] = Leading(five);
            if (q > 0 && q <= -Least) table[-q - Least] = Reciprocal(q, five);
        }

        return table;
    }

    // As in the source: the small ones are rounded up at the last of their 128 bits, the others far behind it.
    static UInt128 Reciprocal(int power, BigInteger five)
    {
        const int LastSmall = 27;
        int length = (int)five.GetBitLength();
        int bits = power <= LastSmall ? length + Bits - 1 : 2 * length + Bits;
        return Leading((BigInteger.One << bits) / five + 1);
    }

    static UInt128 Leading(BigInteger value)
    {
        int shift = (int)value.GetBitLength() - Bits;
        return (UInt128)(shift >= 0 ? value >> shift : value << -shift);
    }
}
