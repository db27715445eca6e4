using System.Globalization;

namespace Kneepoint.Calibration;

/// <summary>The values that quantization keeps; those outside are cut to the nearer end. Zero is always inside.</summary>
public readonly record struct ActivationRange
{
    /// <summary>States a range.</summary>
    /// <param name="low">At most 0, finite.</param>
    /// <param name="high">At least 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">An end is not finite or on the wrong side of zero.</exception>
    public ActivationRange(float low, float high)
    {
        if (!(float.IsFinite(low) && low <= 0)) throw new ArgumentOutOfRangeException(nameof(low), low, "The low end of a range must be finite and at most 0.");
        if (!(float.IsFinite(high) && high >= 0)) throw new ArgumentOutOfRangeException(nameof(high), high, "The high end of a range must be finite and at least 0.");
        Low = low + 0f;
        High = high;
    }

    /// <summary>The low end, at most 0.</summary>
    public float Low { get; }

    /// <summary>The high end, at least 0.</summary>
    public float High { get; }

    /// <summary>Nothing but zero.</summary>
    public bool IsEmpty => Low == 0 && High == 0;

    /// <summary>The range of two values, widened to hold zero; where rounding left the numbers of float32, their greatest.</summary>
    internal static ActivationRange Around(double low, double high) =>
        new((float)Math.Clamp(low, float.MinValue, 0), (float)Math.Clamp(high, 0, float.MaxValue));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Low}, {High}]");
}
