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

    /// <summary>Scores each sample of a batch.</summary>
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
}
