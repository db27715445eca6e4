using System.Globalization;

namespace Kneepoint.Reports.Plotting;

/// <summary>Writes the numbers of an axis: as many decimals as the ticks need, none more.</summary>
static class TickText
{
    /// <summary>A tick of a figure, with its unit: "500 KB", "1.2 MB", "0.5 ms", "20M".</summary>
    /// <param name="figure">The figure's name.</param>
    /// <param name="tick">The value.</param>
    /// <param name="step">The distance to the next tick.</param>
    public static string Of(string figure, double tick, double step)
    {
        if (tick == 0) return "0";
        var (factor, unit) = Unit(figure, tick);
        return Number(tick / factor, step / factor) + unit;
    }

    /// <summary>A plain number.</summary>
    public static string Number(double tick, double step)
    {
        int decimals = step > 0 ? Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9), 0, 12) : 0;
        // On a logarithmic axis the first step says little about the later ticks: trailing zeros go.
        return Format.Minus(tick.ToString($"0.{new string('#', decimals + 1)}", CultureInfo.InvariantCulture));
    }

    static (double Factor, string Unit) Unit(string figure, double tick)
    {
        double size = Math.Abs(tick) * (1 + 1e-9);
        if (figure == "latency")
        {
            return size < 0.1 ? (1e-3, " us") : size < 1000 ? (1, " ms") : (1000, " s");
        }

        bool isBytes = figure.EndsWith("Bytes", StringComparison.Ordinal);
        string[] units = isBytes ? [" B", " KB", " MB", " GB", " TB"] : ["", "K", "M", "G", "T"];
        int power = Math.Clamp((int)Math.Floor(Math.Log10(size) / 3), 0, units.Length - 1);
        return (Math.Pow(1000, power), units[power]);
    }
}
