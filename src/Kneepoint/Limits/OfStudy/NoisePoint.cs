using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What noise of one rate costs.</summary>
/// <param name="BitsPerWeight">The rate of the ideal code.</param>
/// <param name="Change">The metric less that of the network without noise, mean of the draws, paired; its 95 % interval is of samples and of draws.</param>
/// <param name="LabelNats">The same of nats for each label; null where there are no labels of classes.</param>
public sealed record NoisePoint(double BitsPerWeight, Interval Change, Interval? LabelNats)
{
    /// <summary>Joins draws.</summary>
    /// <remarks>
    /// Half the width of the metric's interval is √(h² + s²) with h the mean half width of the paired intervals and s = t·c·|mean| ÷ √d, where c is the relative deviation of the d draws pooled over all rates, of k degrees of
    /// freedom: draws of one rate are too few to tell it. Of label nats h is <see cref="HalfWidthOfLabels"/>.
    /// </remarks>
    internal static NoisePoint Of(NoiseDraws draws, double relativeDeviation, double quantile, long labels)
    {
        double half = quantile * relativeDeviation / Math.Sqrt(draws.Changes.Length);
        double value = draws.Changes.Average(change => change.Value), spread = half * Math.Abs(value);
        double below = draws.Changes.Average(change => change.Value - change.Low), above = draws.Changes.Average(change => change.High - change.Value);
        var joined = new Interval(value, value - Math.Sqrt(below * below + spread * spread), value + Math.Sqrt(above * above + spread * spread));
        if (draws.LabelNats is not { } nats) return new NoisePoint(draws.BitsPerWeight, joined, null);
        double mean = nats.Average(), chance = HalfWidthOfLabels(Math.Max(0, mean), labels), wide = Math.Sqrt(chance * chance + half * half * mean * mean);
        return new NoisePoint(draws.BitsPerWeight, joined, new Interval(mean, mean - wide, mean + wide));
    }

    /// <summary>Half the width of the 95 % interval of a difference of label costs, in nats for each label.</summary>
    /// <remarks>Where labels come as the network says, ln p − ln q of a label has the mean KL(p‖q) and, to second order, the variance 2·KL; so 1.96·√(2·KL ÷ n).</remarks>
    /// <param name="divergenceNats">KL(p‖q), at least 0.</param>
    /// <param name="labels">n.</param>
    internal static double HalfWidthOfLabels(double divergenceNats, long labels) => NormalDistribution.TwoSided95 * Math.Sqrt(2 * divergenceNats / Math.Max(1, labels));
}

/// <summary>What the draws of one rate have cost.</summary>
/// <param name="BitsPerWeight">The rate.</param>
/// <param name="Changes">Of the metric, paired, one for each draw.</param>
/// <param name="LabelNats">Change of nats for each label, one for each draw; null where there are no labels of classes.</param>
sealed record NoiseDraws(double BitsPerWeight, Interval[] Changes, double[]? LabelNats)
{
    /// <summary>Measures draws against the network without noise.</summary>
    public static NoiseDraws Of(double bitsPerWeight, IMetric metric, SampleScores[] draws, SampleScores clean, long seed) => new(
        bitsPerWeight, [.. draws.Select(draw => PairedChange.Of(metric, draw, clean, seed).Change)],
        clean.Labels is { Count: > 0 } labels && draws.All(draw => draw.Labels is not null) ? [.. draws.Select(draw => draw.Labels!.Nats / draw.Labels.Count - labels.Nats / labels.Count)] : null);

    /// <summary>The mean cost: of labels where there are any, else of the metric.</summary>
    public double Mean => LabelNats?.Average() ?? Changes.Average(change => change.Value);

    /// <summary>Squared deviation of the draws over their squared mean, by the degrees of freedom.</summary>
    public double RelativeVariance
    {
        get
        {
            double[] values = LabelNats ?? [.. Changes.Select(change => change.Value)];
            double mean = values.Average();
            return values.Length < 2 || mean == 0 ? 0 : values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / (mean * mean);
        }
    }
}
