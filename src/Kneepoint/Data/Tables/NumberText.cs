using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kneepoint.Data.Tables;

/// <summary>Reads decimal numbers from UTF-8 text, rounded to the nearest double, ties to even: bit for bit what <see cref="double.Parse(string)"/> gives.</summary>
/// <remarks>
/// Grammar: optional sign, digits with an optional point, optional exponent; or nan, inf, infinity in any case. No culture, no thousands separators, no
/// hexadecimals. Up to 19 digits are rounded from the product of the digits and 128 bits of the power of ten; what that cannot decide (more digits,
/// subnormal results, a product that may carry) goes to the runtime's parser.
/// Source: [Lemire2021] section 5.
/// </remarks>
static class NumberText
{
    const int MostDigits = 19;
    const int MantissaBits = 52;
    const int ExponentBias = 1023;
    const int MostExponent = 99_999;

    /// <summary>Reads a number that fills the whole text.</summary>
    /// <returns>False if the text is no number; numbers beyond the largest double are infinite.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        int at = 0;
        bool isNegative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            isNegative = text[0] == '-';
            at = 1;
        }

        ulong digits = 0;
        int first = at;
        at = Digits(text, at, ref digits);
        int count = at - first, fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            int point = ++at;
            at = Digits(text, at, ref digits);
            fraction = at - point;
            count += fraction;
        }

        value = 0;
        if (count == 0) return TryParseWord(text[first..], isNegative, out value);
        if (!TryExponent(text, at, out int exponent)) return false;
        if (count > MostDigits && Significant(text[first..]) > MostDigits) return TrySlow(text, out value);
        if (!TryRound(digits, exponent - fraction, out double rounded)) return TrySlow(text, out value);
        value = isNegative ? -rounded : rounded;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Digits(ReadOnlySpan<byte> text, int at, ref ulong digits)
    {
        ulong sum = digits;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit > 9) break;
            // Wraps around past 19 digits, which are then read anew.
            sum = unchecked(10 * sum + digit);
        }

        digits = sum;
        return at;
    }

    static bool TryExponent(ReadOnlySpan<byte> text, int at, out int exponent)
    {
        exponent = 0;
        if (at == text.Length) return true;
        if (text[at] is not ((byte)'e' or (byte)'E')) return false;
        bool isNegative = ++at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+') at++;
        if (at == text.Length) return false;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit > 9) return false;
            exponent = Math.Min(10 * exponent + (int)digit, MostExponent);
        }

        if (isNegative) exponent = -exponent;
        return true;
    }

    // Digits from the first one that is not zero up to the exponent.
    static int Significant(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (byte letter in text)
        {
            if (letter is (byte)'e' or (byte)'E') break;
            if (letter != '.' && (count > 0 || letter != '0')) count++;
        }

        return count;
    }

    static bool TryParseWord(ReadOnlySpan<byte> text, bool isNegative, out double value)
    {
        value = double.NaN;
        if (Ascii.EqualsIgnoreCase(text, "nan"u8)) return true;
        value = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8);
    }

    static bool TrySlow(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);

    // digits · 10^power; false where 128 bits of the power do not decide the rounding.
    static bool TryRound(ulong digits, int power, out double value)
    {
        value = 0;
        if (digits == 0 || power < PowersOfFive.Least) return true;
        if (power > PowersOfFive.Most)
        {
            value = double.PositiveInfinity;
            return true;
        }

        int zeros = BitOperations.LeadingZeroCount(digits);
        ulong mantissa = digits << zeros;
        var five = PowersOfFive.Of(power);
        ulong high = Math.BigMul(mantissa, (ulong)(five >> 64), out ulong low);
        const ulong Undecided = ulong.MaxValue >> (MantissaBits + 3);
        if ((high & Undecided) == Undecided)
        {
            ulong more = Math.BigMul(mantissa, (ulong)five, out _);
            low = unchecked(low + more);
            if (low < more) high++;
        }

        bool isExact = power is >= -27 and <= 55;
        if (low == ulong.MaxValue && !isExact) return false;
        int top = (int)(high >> 63);
        int shift = top + 64 - MantissaBits - 3;
        ulong bits = high >> shift;
        // floor(power · log2 10) + 63.
        int exponent = ((217_706 * power) >> 16) + 63 + top - zeros + ExponentBias;
        if (exponent <= 0) return false;
        // Halfway between two doubles, only possible for small powers: to even.
        if (low <= 1 && power is >= -4 and <= 23 && (bits & 3) == 1 && bits << shift == high) bits &= ~1UL;
        bits = (bits + (bits & 1)) >> 1;
        if (bits >> (MantissaBits + 1) != 0)
        {
            bits = 1UL << MantissaBits;
            exponent++;
        }

        value = exponent >= 2 * ExponentBias + 1
            ? double.PositiveInfinity
            : BitConverter.UInt64BitsToDouble((bits & ~(1UL << MantissaBits)) | ((ulong)exponent << MantissaBits));
        return true;
    }
}
