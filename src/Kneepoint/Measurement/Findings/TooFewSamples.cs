using System.Globalization;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Measurement.Findings;

/// <summary>The samples are too few to see changes of accuracy that matter.</summary>
public static class TooFewSamples
{
    /// <summary>The finding's code.</summary>
    public const string Code = "too-few-samples";

    /// <summary>Fewer give intervals that are not to be relied on, whatever their width.</summary>
    public const int FewestSamples = 100;

    /// <summary>A change of one point in a hundred is what users ask about.</summary>
    public const double LargestDetectableFraction = 0.01;

    /// <summary>Judges by what a comparison with the baseline could have seen.</summary>
    /// <remarks>The smallest detectable change is half the width of the interval. For metrics that are no fraction it is compared with the figure itself.</remarks>
    /// <param name="metric">The metric.</param>
    /// <param name="sampleCount">Samples that accuracy was measured on.</param>
    /// <param name="accuracy">The variant's figure.</param>
    /// <param name="change">Its change against the baseline.</param>
    /// <returns>Null if the samples suffice.</returns>
    public static Finding? Of(IMetric metric, int sampleCount, Interval accuracy, Interval change)
    {
        ArgumentNullException.ThrowIfNull(metric);
        double detectable = (change.High - change.Low) / 2;
        bool isFraction = metric.Unit.StartsWith("fraction", StringComparison.Ordinal) || metric.Unit.StartsWith("share", StringComparison.Ordinal);
        double largest = isFraction ? LargestDetectableFraction : LargestDetectableFraction * Math.Abs(accuracy.Value);
        if (sampleCount >= FewestSamples && !(detectable > largest)) return null;
        if (detectable == 0)
        {
            return new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"With {sampleCount} evaluation samples no interval is to be relied on. {FewestSamples} are the fewest."));
        }

        string what = double.IsFinite(detectable)
            ? string.Create(CultureInfo.InvariantCulture, $"a change of {metric.Name} below about {detectable:G2} cannot be told from none")
            : $"a change of {metric.Name} cannot be judged";
        return new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
            $"With {sampleCount} evaluation samples {what}. Four times the samples halve that."));
    }

    /// <summary>The smallest change of a proportion that n samples show, if this share of them changes its decision.</summary>
    /// <remarks>Computes 1.96·√(share ÷ n): the half width of the interval of gained less lost where they balance.</remarks>
    /// <param name="sampleCount">n, at least 1.</param>
    /// <param name="changedShare">0 to 1; quantization to 8 bits changes 0.01 to 0.05 of the decisions.</param>
    public static double SmallestDetectableChange(int sampleCount, double changedShare)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleCount, 1);
        if (!(changedShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(changedShare), changedShare, "A share must be in [0, 1].");
        return NormalDistribution.TwoSided95 * Math.Sqrt(changedShare / sampleCount);
    }
}
