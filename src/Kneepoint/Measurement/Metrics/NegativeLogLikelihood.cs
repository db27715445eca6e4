using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The mean of −ln p(label) over labels: per sample for classes, per token for sequences.</summary>
/// <remarks>
/// Computes from logits z: ln Σ exp(z_c − max) + max − z_label, in double. From probabilities p (the network ends in a softmax or a sigmoid):
/// −ln max(p_label, 2⁻¹⁴⁹), the smallest positive float, since float outputs cannot tell smaller ones from 0.
/// A single output per label belongs to class 1 of two: a logit stands for the row (0, z), a probability for (1 − p, p).
/// A row whose loss is no finite number (NaN, overflow) counts as ln C + 100 nat, far worse than guessing. Targets of sequences that are below
/// 0 are padding and skipped.
/// A sample's scores are its sum and its number of labels, so that sequences are resampled whole.
/// </remarks>
/// <param name="output">The output that holds [n, classes] or [n, t, classes].</param>
/// <param name="isProbability">The output holds probabilities instead of logits.</param>
public sealed class NegativeLogLikelihood(string output, bool isProbability = false) : IMetric
{
    const double NotFinitePenalty = 100;

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
        ArgumentNullException.ThrowIfNull(batch);
        float[] values = Rows.Floats(outputs, output);
        var labels = Rows.Labels(batch, Name);
        int tokens = Rows.TokensPerSample(labels.Length, batch, Name);
        int classes = Rows.Width(output, values.Length, labels.Length);
        for (int i = 0; i < batch.Count; i++)
        {
            double sum = 0;
            int count = 0;
            for (int t = i * tokens; t < (i + 1) * tokens; t++)
            {
                if (labels[t] < 0 && tokens > 1) continue;
                int label = Rows.Label(labels[t], Math.Max(classes, 2), batch, i);
                double loss = classes == 1 ? LossOfTwo(values[t], label) : Loss(values.AsSpan(t * classes, classes), label);
                sum += double.IsFinite(loss) ? loss : Math.Log(Math.Max(classes, 2)) + NotFinitePenalty;
                count++;
            }

            destination[2 * i] = (float)sum;
            destination[2 * i + 1] = count;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => RatioOfSums.Of(scores);

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) => counts => RatioOfSums.Of(scores, counts);

    double Loss(ReadOnlySpan<float> row, int label)
    {
        float top = float.NegativeInfinity;
        foreach (float value in row)
        {
            if (float.IsNaN(value)) return double.NaN;
            top = Math.Max(top, value);
        }

        if (isProbability) return OfProbability(row[label]);
        double sum = 0;
        foreach (float value in row) sum += Math.Exp((double)value - top);
        return Math.Log(sum) + ((double)top - row[label]);
    }

    double LossOfTwo(float value, int label)
    {
        if (isProbability) return OfProbability(label == 1 ? value : 1 - (double)value);
        double margin = label == 1 ? value : -(double)value;
        return Math.Log(1 + Math.Exp(-Math.Abs(margin))) + Math.Max(-margin, 0);
    }

    static double OfProbability(double p) => double.IsNaN(p) ? double.NaN : -Math.Log(Math.Max(p, float.Epsilon));
}
