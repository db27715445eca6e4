using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What noise of one rate costs.</summary>
/// <param name="BitsPerWeight">The rate of the ideal code.</param>
/// <param name="Change">The metric less that of the network without noise, mean of the draws, paired; its 95 % interval is of samples and of draws.</param>
/// <param name="LabelNats">The same of nats for each label; null where there are no labels of classes.</param>
public sealed record NoisePoint(double BitsPerWeight, Interval Change, Interval? LabelNats)
{
    /// <summary>Joins draws.</summary>
    /// <remarks>Half the width is √(h² + t²·s²/d) with h the mean half width of the paired intervals, s the deviation of the d draws and t Student's 97.5 % quantile of d − 1 degrees.</remarks>
    internal static NoisePoint Of(double bitsPerWeight, IMetric metric, SampleScores[] draws, SampleScores clean, long seed)
    {
        var changes = draws.Select(draw => PairedChange.Of(metric, draw, clean, seed).Change).ToArray();
        double value = changes.Average(change => change.Value);
        double half = Spread([.. changes.Select(change => change.Value)]);
        double below = changes.Average(change => change.Value - change.Low), above = changes.Average(change => change.High - change.Value);
        var joined = new Interval(value, value - Math.Sqrt(below * below + half * half), value + Math.Sqrt(above * above + half * half));
        if (clean.Labels is not { Count: > 0 } labels || draws.Any(draw => draw.Labels is null)) return new NoisePoint(bitsPerWeight, joined, null);
        double[] nats = [.. draws.Select(draw => draw.Labels!.Nats / draw.Labels.Count - labels.Nats / labels.Count)];
        double mean = nats.Average(), wide = Spread(nats);
        return new NoisePoint(bitsPerWeight, joined, new Interval(mean, mean - wide, mean + wide));
    }

    static double Spread(double[] values)
    {
        if (values.Length < 2) return 0;
        double mean = values.Average(), variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);

        // With two draws Student's quantile is 12.7, which says nothing; draws differ by far less than samples do, so the normal one is shown.
        return Measurement.Statistics.NormalDistribution.TwoSided95 * Math.Sqrt(variance / values.Length);
    }
}
