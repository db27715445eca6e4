using System.Globalization;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Measurement;

/// <summary>How one network's metric differs from another's on the same samples.</summary>
/// <param name="Change">Second less first, in the metric's unit and sign, with its 95 % interval.</param>
/// <param name="IsDistinguishable">The samples tell the two apart at 95 %.</param>
public sealed record PairedChange(Interval Change, bool IsDistinguishable)
{
    /// <summary>The chance of calling two networks different that are not.</summary>
    const double Level = 0.05;

    /// <summary>Compares two networks in pairs.</summary>
    /// <remarks>
    /// For proportions: Tango's score interval and McNemar's mid-p test, which is the stricter of the two where few samples differ. For other metrics:
    /// the bootstrap of the difference, both drawn with the same samples; distinguishable if the interval leaves out 0. Where the scores are the
    /// same, sample by sample, the change is 0 and not distinguishable.
    /// </remarks>
    /// <param name="metric">What made the scores.</param>
    /// <param name="second">Usually the variant.</param>
    /// <param name="first">Usually the baseline; the same samples in the same order.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <exception cref="ArgumentException">The numbers of samples differ, or there are none.</exception>
    public static PairedChange Of(IMetric metric, SampleScores second, SampleScores first, long seed)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(first);
        if (second.Count != first.Count || second.Count == 0 || second.PerSample != metric.ScoresPerSample || first.PerSample != metric.ScoresPerSample)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected scores of the same samples with {metric.ScoresPerSample} each; found {second.Count} samples with {second.PerSample} and {first.Count} with {first.PerSample}."),
                nameof(second));
        }

        if (AccuracyFigure.Successes(metric, second) is not null && AccuracyFigure.Successes(metric, first) is not null)
        {
            return OfDecisions(second.Values, first.Values);
        }

        if (second.Values.AsSpan().SequenceEqual(first.Values)) return new PairedChange(new Interval(0, 0, 0), false);
        var ofSecond = metric.OfCounts(second.Values);
        var ofFirst = metric.OfCounts(first.Values);
        var change = Bootstrap.Of(counts => ofSecond(counts) - ofFirst(counts), second.Count, seed);
        return new PairedChange(change, change.Low > 0 || change.High < 0);
    }

    static PairedChange OfDecisions(float[] second, float[] first)
    {
        long gained = 0, lost = 0;
        for (int i = 0; i < second.Length; i++)
        {
            if (second[i] > first[i]) gained++;
            else if (second[i] < first[i]) lost++;
        }

        return new PairedChange(PairedProportions.Change(gained, lost, second.Length), PairedProportions.MidP(gained, lost) < Level);
    }

    /// <summary>Samples that a network must decide better, and none worse, to be found better: with fewer no number of samples tells.</summary>
    internal static int LeastGain { get; } = Enumerable.Range(1, 64).First(gained => IsGain(gained, 0));

    /// <summary>Whether the second of two networks is found better that decide so many samples better and worse than the first.</summary>
    internal static bool IsGain(long gained, long lost) => gained > lost && PairedProportions.MidP(gained, lost) < Level;
}
