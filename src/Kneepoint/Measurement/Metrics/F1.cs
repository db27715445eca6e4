using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The F1 score: of class 1 with two classes, else the mean over the classes that occur (macro average).</summary>
/// <remarks>Computes 2·TP ÷ (2·TP + FP + FN) per class; a class that is neither a label nor a decision is left out.
/// One output per sample decides for class 1 at 0.5 or more. A row with a NaN decides for no class.</remarks>
public sealed class F1(string output) : IMetric
{
    /// <inheritdoc/>
    public string Name => "f1";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "fraction";

    /// <inheritdoc/>
    public int ScoresPerSample => 3;

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
        int classes = Math.Max(width, 2);
        for (int i = 0; i < batch.Count; i++)
        {
            var row = values.AsSpan(i * width, width);
            int decision = width == 1 ? (float.IsNaN(row[0]) ? -1 : row[0] >= 0.5f ? 1 : 0) : Rows.ArgMax(row);
            destination[3 * i] = decision;
            destination[3 * i + 1] = Rows.Label(labels[i], classes);
            destination[3 * i + 2] = classes;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores)
    {
        int classes = (int)scores[2];
        long[] truePositives = new long[classes], decided = new long[classes], labeled = new long[classes];
        for (int i = 0; i < scores.Length; i += 3)
        {
            int decision = (int)scores[i], label = (int)scores[i + 1];
            labeled[label]++;
            if (decision < 0) continue;
            decided[decision]++;
            if (decision == label) truePositives[label]++;
        }

        double sum = 0;
        int counted = 0;
        for (int c = classes == 2 ? 1 : 0; c < classes; c++)
        {
            if (decided[c] + labeled[c] == 0) continue;
            sum += 2.0 * truePositives[c] / (decided[c] + labeled[c]);
            counted++;
        }

        return counted == 0 ? double.NaN : sum / counted;
    }
}
