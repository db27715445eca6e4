using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Calibration;

/// <summary>How the range of an activation is chosen from the distribution of its values.</summary>
/// <remarks>The range always holds zero. Tensors without negative values get low = 0 exactly, those without positive values high = 0.
/// Tensors without values, or with zeros only, get the empty range.</remarks>
public readonly record struct RangeMethod
{
    /// <summary>What share of the values a percentile keeps where none is stated, in percent.</summary>
    public const double DefaultPercentile = 99.99;

    RangeMethod(RangeKind kind, double percentile = 0) => (Kind, Percent) = (kind, percentile);

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static ImmutableArray<string> Names { get; } = ["minmax", "percentile", "entropy", "mse"];

    /// <summary>From the least to the greatest value.</summary>
    public static RangeMethod MinMax => new(RangeKind.MinMax);

    /// <summary>The range whose quantized distribution is nearest to the true one; see <see cref="EntropyRange"/>.</summary>
    public static RangeMethod Entropy => new(RangeKind.Entropy);

    /// <summary>The range with the least expected squared error; see <see cref="MseOptimalRange"/>.</summary>
    public static RangeMethod MseOptimal => new(RangeKind.MseOptimal);

    /// <summary>The kind of method.</summary>
    public RangeKind Kind { get; }

    /// <summary>The share of the values that stays inside, in percent; 0 unless the kind is <see cref="RangeKind.Percentile"/>.</summary>
    public double Percent { get; }

    /// <summary>The range that keeps a share of the values; see <see cref="PercentileRange"/>.</summary>
    /// <param name="percent">Above 50, at most 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside.</exception>
    public static RangeMethod Percentile(double percent = DefaultPercentile) => percent is > 50 and <= 100
        ? new RangeMethod(RangeKind.Percentile, percent)
        : throw new ArgumentOutOfRangeException(nameof(percent), percent, "A percentile must be above 50 and at most 100.");

    /// <summary>The method of a recipe's options.</summary>
    /// <param name="range">"minmax", "percentile", "entropy" or "mse".</param>
    /// <param name="percent">In percent, invariant culture; null for the default. Only percentiles take one.</param>
    /// <exception cref="FormatException">Nothing is called so, or the number cannot be read or is outside (50, 100].</exception>
    public static RangeMethod Parse(string range, string? percent = null)
    {
        if (percent is not null && range != "percentile")
        {
            throw new FormatException($"The option percentile={percent} belongs to range=percentile; found range={range}.");
        }

        return range switch
        {
            "minmax" => MinMax,
            "entropy" => Entropy,
            "mse" => MseOptimal,
            "percentile" => percent is null ? Percentile() : ParsePercentile(percent),
            _ => throw new FormatException($"Expected range=minmax, percentile, entropy or mse; found '{range}'."),
        };
    }

    /// <summary>The option's text: "minmax", "percentile", "entropy" or "mse".</summary>
    public string Name => Kind switch
    {
        RangeKind.MinMax => "minmax",
        RangeKind.Percentile => "percentile",
        RangeKind.Entropy => "entropy",
        _ => "mse",
    };

    /// <summary>Chooses the range.</summary>
    public ActivationRange Of(ActivationHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        return Kind switch
        {
            RangeKind.MinMax => ActivationRange.Around(histogram.Minimum, histogram.Maximum),
            RangeKind.Percentile => PercentileRange.Of(histogram, Percent),
            RangeKind.Entropy => EntropyRange.Of(histogram),
            _ => MseOptimalRange.Of(histogram),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == RangeKind.Percentile
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} {Percent}")
        : Name;

    static RangeMethod ParsePercentile(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 50 and <= 100
            ? Percentile(percent)
            : throw new FormatException($"Expected a percentile above 50 and at most 100; found '{text}'.");
}

/// <summary>The kinds of <see cref="RangeMethod"/>.</summary>
public enum RangeKind
{
    /// <summary>Least to greatest value.</summary>
    MinMax,

    /// <summary>A share of the values.</summary>
    Percentile,

    /// <summary>Least Kullback–Leibler divergence.</summary>
    Entropy,

    /// <summary>Least squared error.</summary>
    MseOptimal,
}
