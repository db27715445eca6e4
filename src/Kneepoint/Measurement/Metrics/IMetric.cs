using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Turns outputs into a figure. Implement it for a metric of your own.</summary>
/// <remarks>
/// A metric works in two steps, so that variants can be compared on the same samples and resampled: each sample becomes
/// <see cref="ScoresPerSample"/> numbers, and the figure is a function of the scores of all samples.
/// </remarks>
public interface IMetric
{
    /// <summary>The metric's name in reports: "top1".</summary>
    string Name { get; }

    /// <summary>Larger is better.</summary>
    bool IsMaximized { get; }

    /// <summary>The figure's unit: "fraction", "nat per token", "dB".</summary>
    string Unit { get; }

    /// <summary>Numbers kept of each sample, k, at least 1.</summary>
    int ScoresPerSample { get; }

    /// <summary>The figure is the mean of scores that are 0 or 1, so that intervals for proportions apply.</summary>
    bool IsProportion { get; }

    /// <summary>The outputs of the baseline must be given to <see cref="Score"/>.</summary>
    bool NeedsBaseline { get; }

    /// <summary>Scores each sample of a batch. May be called from several threads at once, for different batches.</summary>
    /// <param name="outputs">The network's outputs by name.</param>
    /// <param name="batch">The samples with their targets.</param>
    /// <param name="baselineOutputs">What the baseline gives for the same samples; null unless <see cref="NeedsBaseline"/>.</param>
    /// <param name="destination">[batch.Count, k], row-major.</param>
    /// <exception cref="DataException">Targets are missing, of another shape, or outside the classes.</exception>
    void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination);

    /// <summary>The figure of samples with these scores.</summary>
    /// <param name="scores">[n, k], row-major; n at least 1.</param>
    double Value(ReadOnlySpan<float> scores);

    /// <summary>The figure with its 95 % interval, where the metric has a formula for it; null where the samples are to be drawn again.</summary>
    /// <param name="scores">[n, k], row-major; n at least 1.</param>
    Interval? WithInterval(ReadOnlySpan<float> scores) => null;

    /// <summary>Prepares the figure as a function of how often each sample occurs, which is what resampling asks for thousands of times.</summary>
    /// <remarks>As it stands it repeats the scores and calls <see cref="Value"/>: right for every metric. Override it where a sum or a sort can be
    /// done once. For counts of 1 it gives <see cref="Value"/>, up to rounding.</remarks>
    /// <param name="scores">[n, k], row-major; not changed while the result is in use.</param>
    FigureOfCounts OfCounts(float[] scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int k = ScoresPerSample;
        return counts =>
        {
            long rows = 0;
            foreach (int count in counts) rows += count;
            float[] repeated = new float[checked(rows * k)];
            int next = 0;
            for (int i = 0; i < counts.Length; i++)
            {
                for (int c = 0; c < counts[i]; c++, next += k) scores.AsSpan(i * k, k).CopyTo(repeated.AsSpan(next));
            }

            return Value(repeated);
        };
    }
}

/// <summary>The figure of a data set in which each sample occurs as often as stated.</summary>
/// <param name="counts">[n], each at least 0, not all 0.</param>
public delegate double FigureOfCounts(ReadOnlySpan<int> counts);
