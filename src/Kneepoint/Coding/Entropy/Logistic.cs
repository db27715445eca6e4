namespace Kneepoint.Coding.Entropy;

/// <summary>The logistic function and its inverse, in whole numbers that are the same on every machine.</summary>
/// <remarks>
/// A log odds is a whole number of 1/256 nat from −2,047 to 2,047; a probability is in units of 2⁻¹⁶. The tables are made with additions, multiplications and divisions of
/// binary64 only, which IEEE 754 defines to the last bit.
/// </remarks>
static class Logistic
{
    /// <summary>The largest log odds, in 1/256 nat: a probability of 0.99966.</summary>
    public const int Most = 2047;

    const int StretchShift = 4;
    static readonly ushort[] Squashed = MakeSquash();
    static readonly short[] Stretched = MakeStretch();

    /// <summary>The probability of a log odds; beyond the ends it is that of the end.</summary>
    public static uint Squash(int logOdds) => Squashed[Math.Clamp(logOdds, -Most, Most) + Most];

    /// <summary>The log odds of a probability from 1 to 65,535.</summary>
    public static int Stretch(uint probability) => Stretched[probability >> StretchShift];

    static ushort[] MakeSquash()
    {
        var table = new ushort[2 * Most + 1];
        for (int i = 0; i < table.Length; i++)
        {
            double e = Exponential((i - Most) / 256.0);
            table[i] = (ushort)Math.Clamp((int)(65536 * (e / (1 + e)) + 0.5), 1, 65535);
        }

        return table;
    }

    static short[] MakeStretch()
    {
        var table = new short[65536 >> StretchShift];
        int logOdds = -Most;
        for (int i = 0; i < table.Length; i++)
        {
            uint middle = (uint)((i << StretchShift) + (1 << StretchShift >> 1));
            while (logOdds < Most && Squashed[logOdds + Most] < middle) logOdds++;
            table[i] = (short)logOdds;
        }

        return table;
    }

    // e^x = (e^(x/64))^64 by the series of its first terms: x/64 is below 1/8.
    static double Exponential(double x)
    {
        double y = x / 64, sum = 1, term = 1;
        for (int i = 1; i <= 12; i++)
        {
            term = term * y / i;
            sum += term;
        }

        for (int i = 0; i < 6; i++) sum *= sum;
        return sum;
    }
}
