using System.Globalization;
using System.Text;
using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>Figures as people read them: three significant digits and a unit, the same under every culture.</summary>
/// <remarks>The minus sign is U+2212, so that it is as wide as a plus. Files for programs do not use these.</remarks>
public static class Format
{
    static readonly string[] ByteUnits = [" B", " KB", " MB", " GB", " TB", " PB", " EB"];
    static readonly string[] CountUnits = ["", "K", "M", "G", "T", "P", "E"];

    /// <summary>"412 B", "41.2 KB", "1.00 MB": KB is 1000 bytes.</summary>
    public static string Bytes(long bytes) => Scaled(bytes, ByteUnits);

    /// <summary>"412", "41.2K", "1.00G".</summary>
    public static string Count(long count) => Scaled(count, CountUnits);

    /// <summary>A whole number with commas between thousands: "12,400".</summary>
    public static string Whole(long number) => Minus(number.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>"41.2 us", "0.412 ms", "4.12 ms", "1.20 s".</summary>
    public static string Milliseconds(double milliseconds) => Math.Abs(milliseconds) switch
    {
        0 => "0 ms",
        < 0.0995 => $"{Significant(milliseconds * 1000)} us",
        < 999.5 => $"{Significant(milliseconds)} ms",
        _ => $"{Significant(milliseconds / 1000)} s",
    };

    /// <summary>"4.05×", "12.3×", "0.415×".</summary>
    public static string Factor(double factor) => $"{Significant(factor)}×";

    /// <summary>A share with as many decimals as it has, three at most: "99 %", "99.5 %".</summary>
    public static string Percent(double share) => $"{(share * 100).ToString("0.###", CultureInfo.InvariantCulture)} %";

    /// <summary>Three significant digits, without an exponent between 0.00001 and 10 million: "0.0123", "1240".</summary>
    public static string Significant(double number)
    {
        if (!double.IsFinite(number)) return "–";
        if (number == 0) return "0";
        double magnitude = Math.Floor(Math.Log10(Math.Abs(number)));
        if (magnitude is < -5 or > 6) return Minus(number.ToString("0.##E+0", CultureInfo.InvariantCulture));
        int decimals = Math.Clamp(2 - (int)magnitude, 0, 15);
        double rounded = Math.Round(number, decimals, MidpointRounding.AwayFromZero);
        // 9.996 becomes 10.0, not 10.00.
        if (Math.Abs(rounded) >= Math.Pow(10, magnitude + 1)) decimals = Math.Max(0, decimals - 1);
        return Minus(rounded.ToString($"F{decimals}", CultureInfo.InvariantCulture));
    }

    /// <summary>A span of time for people: "850 ms", "12.4 s", "3 min 05 s", "2 h 10 min".</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 1 => Milliseconds(seconds * 1000),
        < 59.95 => $"{Significant(seconds)} s",
        < 3599.5 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Round(seconds) / 60):0} min {Math.Round(seconds) % 60:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):00} min"),
    };

    /// <summary>A number with its sign and so many decimals: "+0.3", "−0.3"; what rounds to zero has no sign.</summary>
    public static string Signed(double number, int decimals)
    {
        double rounded = Math.Round(number, decimals, MidpointRounding.AwayFromZero);
        string text = rounded.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return rounded == 0 ? text.TrimStart('-') : rounded > 0 ? $"+{text}" : Minus(text);
    }

    /// <summary>The ends of an interval in any text: "[1.20, 1.31]"; empty where they are not known.</summary>
    public static string Ends(Interval figure, Func<double, string> text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return double.IsNaN(figure.Low) || double.IsNaN(figure.High) ? "" : $"[{text(figure.Low)}, {text(figure.High)}]";
    }

    /// <summary>Text that cannot steer a terminal: control and format characters become "·", as do those that XML does not take.</summary>
    public static string Plain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            bool steers = rune.Value is 0xFFFE or 0xFFFF || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (steers) plain.Append('·');
            else plain.Append(rune);
        }

        return plain.ToString();
    }

    internal static string Minus(string text) => text.Replace('-', '−');

    static string Scaled(long number, string[] units)
    {
        double scaled = number;
        int unit = 0;
        while (Math.Abs(scaled) >= 999.5 && unit < units.Length - 1)
        {
            scaled /= 1000;
            unit++;
        }

        return (unit == 0 ? Minus(number.ToString(CultureInfo.InvariantCulture)) : Significant(scaled)) + units[unit];
    }
}
