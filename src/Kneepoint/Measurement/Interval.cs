namespace Kneepoint.Measurement;

/// <summary>A figure with its 95 % interval, in the figure's own unit.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Low">The lower end, at most <paramref name="Value"/>.</param>
/// <param name="High">The upper end, at least <paramref name="Value"/>.</param>
public readonly record struct Interval(double Value, double Low, double High)
{
    /// <summary>An interval that is widened to its value where rounding, or a skewed distribution, leaves the value outside.</summary>
    public static Interval Containing(double value, double low, double high) => new(value, Math.Min(low, value), Math.Max(high, value));
}
