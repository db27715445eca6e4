using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What noise of one rate costs.</summary>
/// <param name="BitsPerWeight">The rate of the ideal code.</param>
/// <param name="Change">The metric less that of the network without noise on the evaluation samples, mean of the draws, paired; its 95 % interval is of samples and of draws.</param>
/// <param name="LabelNats">The same of nats for each label, without an interval; null where there are no labels of classes.</param>
/// <param name="Divergence">Divergence of the outputs on calibration samples: nats for each label of classes, else power of the difference over that of the output.</param>
public sealed record NoisePoint(double BitsPerWeight, Interval Change, double? LabelNats, Interval Divergence)
{
    /// <summary>Joins draws.</summary>
    /// <remarks>
    /// Half the width of an interval is √(h² + s²) with h the mean half width by the samples. For the divergence s = t·c·mean ÷ √d, where c is the relative deviation among the d draws of a rate, pooled over all rates, for draws of one
    /// rate are too few to tell it; for the metric, where samples count for more, s = 1.96·(deviation of the draws) ÷ √d.
    /// </remarks>
    internal static NoisePoint Of(NoiseDraws draws, double relativeDeviation, double quantile)
    {
        double[] changes = [.. draws.Changes.Select(draw => draw.Value)];
        double value = changes.Average(), root = Math.Sqrt(changes.Length);
        double spread = changes.Length < 2 ? 0 : NormalDistribution.TwoSided95 * Math.Sqrt(changes.Sum(change => (change - value) * (change - value)) / (changes.Length - 1)) / root;
        var change = Joined(value, draws.Changes.Average(draw => draw.Value - draw.Low), draws.Changes.Average(draw => draw.High - draw.Value), spread);
        double chance = draws.Distances.Average(distance => distance.HalfWidth);
        return new NoisePoint(draws.BitsPerWeight, change, draws.LabelNats?.Average(), Joined(draws.MeanDivergence, chance, chance, quantile * relativeDeviation * draws.MeanDivergence / root));
    }

    static Interval Joined(double value, double below, double above, double spread) => new(value, value - Math.Sqrt(below * below + spread * spread), value + Math.Sqrt(above * above + spread * spread));
}

/// <summary>What the draws of one rate have cost.</summary>
/// <param name="BitsPerWeight">The rate.</param>
/// <param name="Changes">Of the metric, paired, one for each draw.</param>
/// <param name="LabelNats">Change of nats for each label, one for each draw; null where there are no labels of classes.</param>
/// <param name="Distances">Of the outputs, one for each draw.</param>
sealed record NoiseDraws(double BitsPerWeight, Interval[] Changes, double[]? LabelNats, OutputDistance[] Distances)
{
    /// <summary>Measures draws against the network without noise.</summary>
    public static NoiseDraws Of(double bitsPerWeight, IMetric metric, SampleScores[] draws, SampleScores clean, OutputDistance[] distances, long seed) => new(
        bitsPerWeight, [.. draws.Select(draw => PairedChange.Of(metric, draw, clean, seed).Change)],
        clean.Labels is { Count: > 0 } labels && draws.All(draw => draw.Labels is not null) ? [.. draws.Select(draw => draw.Labels!.Nats / draw.Labels.Count - labels.Nats / labels.Count)] : null, distances);

    /// <summary>The mean of the draws.</summary>
    public double MeanDivergence => Distances.Average(distance => distance.Divergence);

    /// <summary>Squared deviation of the draws' divergence over its squared mean.</summary>
    public double RelativeVariance
    {
        get
        {
            double mean = MeanDivergence;
            return Distances.Length < 2 || mean == 0 ? 0 : Distances.Sum(distance => (distance.Divergence - mean) * (distance.Divergence - mean)) / (Distances.Length - 1) / (mean * mean);
        }
    }
}
