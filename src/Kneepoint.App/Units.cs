using System.Globalization;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Reads numbers with units as the command line takes them.</summary>
static class Units
{
    const int FewestThreadLimit = 64;

    static readonly (string Suffix, double Factor)[] Bytes =
    [
        ("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
    ];

    static readonly (string Suffix, double Factor)[] Counts = [("K", 1e3), ("M", 1e6), ("G", 1e9), ("", 1)];

    // A bare number is refused: 3 could be seconds or milliseconds.
    static readonly (string Suffix, double Factor)[] Durations = [("us", 1e-3), ("ms", 1), ("s", 1e3)];

    /// <summary>Reads "500KB", "1.5MiB" or "4096".</summary>
    /// <returns>Bytes, at least 0.</returns>
    /// <exception cref="CommandLineException">The text is not a size.</exception>
    public static long ParseBytes(string option, string text) =>
        (long)Parse(option, text, Bytes, "a size such as 500KB (1000 bytes), 500KiB (1024 bytes), MB or GB");

    /// <summary>Reads "20M" or "20000000".</summary>
    /// <exception cref="CommandLineException">The text is not a count.</exception>
    public static long ParseCount(string option, string text) => (long)Parse(option, text, Counts, "a count such as 20M (K, M or G)");

    /// <summary>Reads "3ms", "250us" or "1.5s".</summary>
    /// <returns>Milliseconds, at least 0.</returns>
    /// <exception cref="CommandLineException">The text is not a duration.</exception>
    public static double ParseMilliseconds(string option, string text) =>
        Parse(option, text, Durations, "a duration with its unit, such as 3ms (us, ms or s)");

    /// <summary>Reads a plain number.</summary>
    /// <exception cref="CommandLineException">The text is not a finite number.</exception>
    public static double ParseNumber(string option, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new CommandLineException($"{option}: expected a number such as 0.9, found '{text}'.");

    /// <summary>Reads a whole number without a unit.</summary>
    /// <exception cref="CommandLineException">The text is no such number, or below <paramref name="least"/>.</exception>
    public static int ParseWhole(string option, string text, int least = int.MinValue) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least
            ? number
            : throw new CommandLineException(least > int.MinValue
                ? string.Create(CultureInfo.InvariantCulture, $"{option}: expected a whole number of at least {least}, found '{text}'.")
                : $"{option}: expected a whole number, found '{text}'.");

    /// <summary>Reads a number of threads.</summary>
    /// <remarks>Far more threads than processors measure nothing and take the machine's memory: 64, or as many as there are processors, are the most.</remarks>
    /// <exception cref="CommandLineException">The text is no such number, below 1, or too many.</exception>
    public static int ParseThreads(string option, string text)
    {
        int threads = ParseWhole(option, text, least: 1), most = Math.Max(FewestThreadLimit, Environment.ProcessorCount);
        return threads <= most
            ? threads
            : throw new CommandLineException(string.Create(CultureInfo.InvariantCulture,
                $"{option}: expected at most {most} threads on a machine with {Environment.ProcessorCount} processors, found '{text}'."));
    }

    /// <summary>A limit in the unit that takes the fewest characters, as it can be typed again: "1MB", "1.5MiB", "4044".</summary>
    /// <param name="limit">In bytes, counts or milliseconds, or the metric's own unit.</param>
    /// <param name="unit">Which of them.</param>
    public static string Shortest(double limit, BudgetUnit unit)
    {
        (string Suffix, double Factor)[] units = unit switch
        {
            BudgetUnit.Bytes => [("", 1), .. Bytes.Where(known => known.Suffix.Length > 1).OrderBy(known => known.Suffix.Length)],
            BudgetUnit.Count => [.. Counts.OrderBy(known => known.Factor)],
            BudgetUnit.Milliseconds => [Durations[1], Durations[0], Durations[2]],
            _ => [("", 1)],
        };

        // A text that does not give the same number when it is read is none for it.
        return units.Select(known => (Number: (limit / known.Factor).ToString("0.################", CultureInfo.InvariantCulture), known.Suffix, known.Factor))
            .Where(text => double.Parse(text.Number, CultureInfo.InvariantCulture) * text.Factor == limit)
            .Select(text => text.Number + text.Suffix).DefaultIfEmpty(limit.ToString("R", CultureInfo.InvariantCulture) + units[0].Suffix).MinBy(text => text.Length + (text.StartsWith("0.", StringComparison.Ordinal) ? 1 : 0))!;
    }

    static double Parse(string option, string text, (string Suffix, double Factor)[] units, string expected)
    {
        foreach (var (suffix, factor) in units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)) continue;
            string digits = text[..^suffix.Length].TrimEnd();
            bool isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out double number);
            double scaled = number * factor;
            if (isNumber && double.IsFinite(scaled) && scaled <= long.MaxValue / 2) return scaled;
        }

        throw new CommandLineException($"{option}: expected {expected}, found '{text}'.");
    }
}
