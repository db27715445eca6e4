using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The share of samples whose label is among the k classes with the largest outputs.</summary>
/// <remarks>Among equal outputs the smaller class index ranks first. A row with a NaN counts as wrong.</remarks>
/// <param name="k">At least 1.</param>
/// <param name="output">The output that holds [n, classes].</param>
public sealed class TopK(int k, string output) : IMetric
{
    /// <inheritdoc/>
    public string Name => $"top{k}";

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
        float[] values = Rows.Floats(outputs, output);
        var labels = Rows.Labels(batch, Name);
        int classes = Rows.Width(output, values.Length, labels.Length);
        int rows = labels.Length / batch.Count;
        if (rows != 1) throw new DataException($"The metric {Name} takes one label per sample, not {rows}.");
        for (int i = 0; i < batch.Count; i++)
        {
            destination[i] = IsAmongBest(values.AsSpan(i * classes, classes), Rows.Label(labels[i], classes)) ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => Mean.Of(scores);

    bool IsAmongBest(ReadOnlySpan<float> row, int label)
    {
        int ahead = 0;
        for (int c = 0; c < row.Length; c++)
        {
            if (float.IsNaN(row[c])) return false;
            if (row[c] > row[label] || (row[c] == row[label] && c < label)) ahead++;
        }

        return ahead < k;
    }
}
