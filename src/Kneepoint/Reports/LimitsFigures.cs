using System.Globalization;
using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>Writes the figures of limits.</summary>
public static class LimitsFigures
{
    /// <summary>Bits as bytes; a dash for nothing.</summary>
    public static string Bits(double? bits) => bits is { } number && double.IsFinite(number) ? Format.Bytes((long)Math.Ceiling(number / 8)) : "–";

    /// <summary>A share in per cent; a dash for nothing.</summary>
    public static string Percent(double? share) => share is { } number && double.IsFinite(number) ? string.Create(CultureInfo.InvariantCulture, $"{100 * number:0.00} %") : "–";

    /// <summary>A share in per cent, as a power of ten where it is tiny; a dash for nothing.</summary>
    public static string Share(double? share) => share switch
    {
        null => "–",
        > 0 and < 1e-12 => "< 1e−12",
        > 0 and < 0.0001 and { } tiny => Format.Minus(tiny.ToString("0.0e0", CultureInfo.InvariantCulture)),
        _ => Percent(share),
    };

    /// <summary>A number with two decimals; a dash for nothing, and for what is not finite.</summary>
    public static string Number(double? number) => number is { } value && double.IsFinite(value) ? Format.Minus(value.ToString("0.00", CultureInfo.InvariantCulture)) : "–";

    /// <summary>A divergence with its interval: "0.0123 ± 0.0011".</summary>
    public static string Divergence(Interval figure) => string.Create(CultureInfo.InvariantCulture, $"{Significant(figure.Value)} ± {Significant((figure.High - figure.Low) / 2)}");

    /// <summary>A small number with two digits that count; a dash for nothing.</summary>
    public static string Significant(double? number) => number is { } value && double.IsFinite(value) ? Format.Minus(value.ToString(Math.Abs(value) is 0 or >= 0.0001 ? $"0.{new string('0', value == 0 ? 2 : Math.Clamp(1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 2, 5))}" : "0.0e0", CultureInfo.InvariantCulture)) : "–";

    /// <summary>A number with its sign and two decimals; a dash for nothing, and for what is not finite.</summary>
    public static string Signed(double? number) => number is { } value && double.IsFinite(value) ? Format.Signed(value, 2) : "–";

    /// <summary>Bits for each weight that noise needs: "1.08 [0.79, 2.67]"; an end that the frontier does not reach is "…".</summary>
    public static string Rate(Interval? rate)
    {
        if (rate is not { } known) return "–";
        return $"{(double.IsFinite(known.Value) ? Number(known.Value) : "more")} [{Number(known.Low)}, {(double.IsFinite(known.High) ? Number(known.High) : "…")}]";
    }

    /// <summary>Bits for each weight above what noise needs.</summary>
    public static string Gap(double? bits, Interval? rate)
    {
        if (bits is not { } achieved || rate is not { } known) return "–";
        string End(double end) => double.IsFinite(end) ? Format.Signed(achieved - end, 2) : "…";
        return $"{End(known.Value)} [{End(known.High)}, {End(known.Low)}]";
    }
}
