using System.Globalization;

namespace Kneepoint.Reports.Plotting;

/// <summary>Maps values to pixels along one direction and chooses where ticks stand.</summary>
/// <remarks>Ticks are 1, 2 or 5 times a power of ten apart; on a logarithmic axis they are those numbers themselves.</remarks>
sealed class PlotAxis
{
    // Where the largest value is this many times the smallest, equal factors deserve equal lengths.
    const double LogarithmicFrom = 5;

    // Squares and ratios of what is drawn stay finite; nothing that is measured comes near.
    const double Largest = 1e100;

    PlotAxis(double low, double high, bool isLogarithmic, double startPixel, double endPixel)
    {
        Low = low;
        High = high;
        IsLogarithmic = isLogarithmic;
        StartPixel = startPixel;
        EndPixel = endPixel;
    }

    public double Low { get; }

    public double High { get; }

    public bool IsLogarithmic { get; }

    public double StartPixel { get; }

    public double EndPixel { get; }

    /// <summary>An axis over the values, with room at both ends.</summary>
    /// <param name="values">May be empty; what <see cref="CanShow"/> refuses has no place on the axis.</param>
    /// <param name="startPixel">Where the low end stands.</param>
    /// <param name="endPixel">Where the high end stands.</param>
    /// <param name="mayBeLogarithmic">Whether a large span makes it so.</param>
    /// <param name="margin">Room at each end as a share of the length.</param>
    public static PlotAxis Of(IEnumerable<double> values, double startPixel, double endPixel, bool mayBeLogarithmic, double margin)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values.Where(CanShow))
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        if (low > high) (low, high) = (0, 1);
        if (Math.Max(Math.Abs(low), Math.Abs(high)) < 1 / Largest) (low, high) = (0, 0);
        bool isLogarithmic = mayBeLogarithmic && low >= 1 / Largest && high / low >= LogarithmicFrom;
        if (isLogarithmic)
        {
            double room = Math.Pow(high / low, margin);
            return new PlotAxis(low / room, high * room, true, startPixel, endPixel);
        }

        double span = high - low;
        if (span <= Math.Abs(high) * 1e-9) span = high == 0 ? 1 : Math.Abs(high) * 0.1;
        double middle = (low + high) / 2;
        span = Math.Max(span, high - low) * (1 + 2 * margin);
        double start = middle - span / 2;
        if (mayBeLogarithmic && start < 0 && low >= 0) start = 0;
        return new PlotAxis(start, middle + span / 2, false, startPixel, endPixel);
    }

    /// <summary>Whether a value is a number of a size that can be drawn.</summary>
    public static bool CanShow(double value) => Math.Abs(value) <= Largest;

    /// <summary>The pixel of a value, also outside the axis, but at most its double length away.</summary>
    public double Pixel(double value)
    {
        double share = IsLogarithmic
            ? Math.Log(Math.Max(value, double.Epsilon) / Low) / Math.Log(High / Low)
            : (value - Low) / (High - Low);
        return StartPixel + Math.Clamp(share, -2, 3) * (EndPixel - StartPixel);
    }

    public bool Contains(double value) => value >= Low && value <= High;

    /// <summary>Ticks, low to high, no closer than so many pixels.</summary>
    public IReadOnlyList<double> Ticks(double apartPixels)
    {
        double length = Math.Abs(EndPixel - StartPixel);
        return IsLogarithmic ? LogarithmicTicks(length, apartPixels) : LinearTicks(length, apartPixels);
    }

    /// <summary>The distance between ticks, which decides their decimals; on a logarithmic axis the smallest tick.</summary>
    public static double Step(IReadOnlyList<double> ticks) => ticks.Count switch
    {
        0 => 1,
        1 => ticks[0],
        _ => ticks[1] - ticks[0],
    };

    List<double> LinearTicks(double length, double apartPixels)
    {
        double rough = (High - Low) * apartPixels / length;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double[] steps = [1, 2, 5, 10];
        double step = steps.Select(s => s * power).First(s => s >= rough * (1 - 1e-9));
        var ticks = new List<double>();
        for (double n = Math.Ceiling(Low / step - 1e-9); n * step <= High + step * 1e-9; n++) ticks.Add(Clean(n * step));
        return ticks;
    }

    List<double> LogarithmicTicks(double length, double apartPixels)
    {
        double decade = length / Math.Log10(High / Low);
        double[] digits = decade * Math.Log10(2) >= apartPixels ? [1, 2, 5] : decade * Math.Log10(3) >= apartPixels ? [1, 3] : [1];
        int stride = Math.Max(1, (int)Math.Ceiling(apartPixels / decade));
        var ticks = new List<double>();
        for (int exponent = (int)Math.Floor(Math.Log10(Low)); exponent <= Math.Log10(High); exponent++)
        {
            if (digits.Length == 1 && exponent % stride != 0) continue;
            ticks.AddRange(digits.Select(digit => Clean(digit * Math.Pow(10, exponent))).Where(tick => tick >= Low && tick <= High));
        }

        return ticks;
    }

    // 0.30000000000000004 is not a tick.
    static double Clean(double tick) => double.Parse(tick.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
