using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Measurement;

/// <summary>The metric of a network with its 95 % interval.</summary>
public static class AccuracyFigure
{
    /// <summary>Computes the figure of all samples and its interval: Wilson's for proportions of independent decisions,
    /// the metric's own where it has a formula, else the bootstrap's.</summary>
    /// <param name="metric">What made the scores.</param>
    /// <param name="scores">At least one sample.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <exception cref="DataException">The figure is no number on these samples, as an AUC with one class only.</exception>
    public static Interval Of(IMetric metric, SampleScores scores, long seed)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0) throw new ArgumentException("There are no scores.", nameof(scores));
        var figure = Successes(metric, scores) is { } successes
            ? Wilson.Of(successes, scores.Count)
            : metric.WithInterval(scores.Values) ?? Bootstrap.Of(metric.OfCounts(scores.Values), scores.Count, seed);
        return double.IsNaN(figure.Value)
            ? throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"The metric {metric.Name} is no number on these {scores.Count} samples; it needs samples of every class, and targets that are not all padding."))
            : figure;
    }

    /// <summary>The samples with score 1 if the figure is a proportion and every score is 0 or 1; else null.</summary>
    internal static long? Successes(IMetric metric, SampleScores scores)
    {
        if (!metric.IsProportion || metric.ScoresPerSample != 1) return null;
        long successes = 0;
        foreach (float score in scores.Values)
        {
            if (score is not (0 or 1)) return null;
            if (score == 1) successes++;
        }

        return successes;
    }
}
