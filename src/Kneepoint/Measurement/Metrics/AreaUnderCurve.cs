using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The area under the receiver operating characteristic of a two-class network.</summary>
/// <remarks>
/// Computes P(score of a positive > score of a negative) + ½ P(equal), by ranks with ties averaged (Mann and Whitney 1947). The score of
/// [n, 2] is the difference of the two outputs, that of [n, 1] or [n] the output. With one class only the figure is NaN. A NaN score ranks lowest.
/// </remarks>
public sealed class AreaUnderCurve(string output) : IMetric
{
    /// <inheritdoc/>
    public string Name => "auc";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "fraction";

    /// <inheritdoc/>
    public int ScoresPerSample => 2;

    /// <inheritdoc/>
    public bool IsProportion => false;

    /// <inheritdoc/>
    public bool NeedsBaseline => false;

    /// <inheritdoc/>
    public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination)
    {
        float[] values = Rows.Floats(outputs, output);
        var labels = Rows.Labels(batch, Name);
        int width = Rows.Width(output, values.Length, batch.Count);
        if (width > 2) throw new DataException($"The metric auc takes two classes; output '{output}' has {width}.");
        for (int i = 0; i < batch.Count; i++)
        {
            float score = width == 2 ? values[2 * i + 1] - values[2 * i] : values[i];
            destination[2 * i] = float.IsNaN(score) ? float.NegativeInfinity : score;
            destination[2 * i + 1] = Rows.Label(labels[i], 2);
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores)
    {
        int n = scores.Length / 2;
        float[] keys = new float[n];
        float[] positive = new float[n];
        for (int i = 0; i < n; i++) (keys[i], positive[i]) = (scores[2 * i], scores[2 * i + 1]);
        Array.Sort(keys, positive);
        double rankSum = 0, positives = 0;
        for (int start = 0; start < n;)
        {
            int end = start;
            double inTie = 0;
            while (end < n && keys[end] == keys[start]) inTie += positive[end++];
            rankSum += inTie * (start + 1 + end) / 2.0;
            positives += inTie;
            start = end;
        }

        double negatives = n - positives;
        return (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
    }
}
