using Kneepoint.Data;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The share of samples whose label is among the k classes with the largest outputs.</summary>
/// <remarks>
/// Among equal outputs the smaller class index ranks first. A row with a NaN counts as wrong. A single output per sample tells class 1 from
/// class 0 by the threshold; an output of integers, one for each sample, is taken as the network's own decision (k = 1 only).
/// </remarks>
/// <param name="k">At least 1.</param>
/// <param name="output">The output that holds [n, classes], [n, 1], [n], or [n] integers.</param>
/// <param name="threshold">From which value on a single output means class 1: 0.5 for a probability, 0 for a logit.</param>
public sealed class TopK(int k, string output, double threshold = 0.5) : IMetric
{
    readonly int _k = k >= 1 ? k : throw new ArgumentOutOfRangeException(nameof(k), k, "k must be at least 1.");

    /// <inheritdoc/>
    public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"top{_k}");

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "fraction";

    /// <inheritdoc/>
    public int ScoresPerSample => 1;

    /// <inheritdoc/>
    public bool IsProportion => true;

    /// <inheritdoc/>
    public bool NeedsBaseline => false;

    /// <inheritdoc/>
    public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var labels = Rows.Labels(batch, Name);
        if (labels.Length != batch.Count)
        {
            throw new DataException($"The metric {Name} takes one label per sample; the data has {labels.Length} for {batch.Count} samples.");
        }

        if (_k == 1 && Rows.Decisions(outputs, output, batch.Count) is { } decisions)
        {
            for (int i = 0; i < batch.Count; i++) destination[i] = decisions[i] == labels[i] ? 1 : 0;
            return;
        }

        float[] values = Rows.Floats(outputs, output);
        int classes = Rows.Width(output, values.Length, labels.Length);
        for (int i = 0; i < batch.Count; i++)
        {
            int label = Rows.Label(labels[i], Math.Max(classes, 2), batch, i);
            var row = values.AsSpan(i * classes, classes);
            destination[i] = (classes == 1 ? IsDecided(row, label) : IsAmongBest(row, label)) ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => Mean.Of(scores);

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) => counts => WeightedSum.Of(scores, 1, 0, counts) / WeightedSum.Of(counts);

    bool IsDecided(ReadOnlySpan<float> row, int label)
    {
        int decision = Rows.Decide(row, threshold);
        return decision == label || (_k > 1 && decision >= 0);
    }

    bool IsAmongBest(ReadOnlySpan<float> row, int label)
    {
        int ahead = 0;
        for (int c = 0; c < row.Length; c++)
        {
            if (float.IsNaN(row[c])) return false;
            if (row[c] > row[label] || (row[c] == row[label] && c < label)) ahead++;
        }

        return ahead < _k;
    }
}
