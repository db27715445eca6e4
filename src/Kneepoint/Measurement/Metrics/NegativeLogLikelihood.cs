using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The mean of −ln p(label) over labels: per sample for classes, per token for sequences.</summary>
/// <remarks>
/// Computes from logits z: ln Σ exp(z_c − max) + max − z_label, in double. From probabilities p (the network ends in a softmax):
/// −ln max(p_label, 2⁻¹⁴⁹), the smallest positive float, since float outputs cannot tell smaller ones from 0.
/// A row with a NaN counts as ln C + 100 nat, far worse than guessing. Targets below 0 are padding and skipped.
/// A sample's scores are its sum and its number of labels, so that sequences are resampled whole.
/// </remarks>
/// <param name="output">The output that holds [n, classes] or [n, t, classes].</param>
/// <param name="isProbability">The output holds probabilities instead of logits.</param>
public sealed class NegativeLogLikelihood(string output, bool isProbability = false) : IMetric
{
    const double NanPenalty = 100;

    /// <inheritdoc/>
    public string Name => "nll";

    /// <inheritdoc/>
    public bool IsMaximized => false;

    /// <inheritdoc/>
    public string Unit => "nat per token";

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
        int classes = Rows.Width(output, values.Length, labels.Length);
        int tokens = labels.Length / batch.Count;
        for (int i = 0; i < batch.Count; i++)
        {
            double sum = 0;
            int count = 0;
            for (int t = i * tokens; t < (i + 1) * tokens; t++)
            {
                if (labels[t] < 0) continue;
                sum += Loss(values.AsSpan(t * classes, classes), Rows.Label(labels[t], classes));
                count++;
            }

            destination[2 * i] = (float)sum;
            destination[2 * i + 1] = count;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores)
    {
        double sum = 0, count = 0;
        for (int i = 0; i < scores.Length; i += 2)
        {
            sum += scores[i];
            count += scores[i + 1];
        }

        return sum / count;
    }

    double Loss(ReadOnlySpan<float> row, int label)
    {
        float top = float.NegativeInfinity;
        foreach (float value in row)
        {
            if (float.IsNaN(value)) return Math.Log(row.Length) + NanPenalty;
            top = Math.Max(top, value);
        }

        if (isProbability) return -Math.Log(Math.Max(row[label], float.Epsilon));
        double sum = 0;
        foreach (float value in row) sum += Math.Exp(value - top);
        return Math.Log(sum) + top - row[label];
    }
}
