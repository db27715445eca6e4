using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The F1 score: of class 1 with two classes, else the mean over the classes that occur (macro average).</summary>
/// <remarks>Computes 2·TP ÷ (2·TP + FP + FN) per class; a class that is neither a label nor a decision is left out.
/// One output per sample decides for class 1 from the threshold on; an output of integers is the network's own decision between two classes.
/// A row with a NaN decides for no class.</remarks>
/// <param name="output">The output that holds [n, classes], [n, 1], [n], or [n] integers.</param>
/// <param name="threshold">From which value on a single output means class 1: 0.5 for a probability, 0 for a logit.</param>
public sealed class F1(string output, double threshold = 0.5) : IMetric
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
        ArgumentNullException.ThrowIfNull(batch);
        var labels = Rows.Labels(batch, Name);
        if (labels.Length != batch.Count) throw new DataException($"The metric f1 takes one label per sample; the data has {labels.Length} for {batch.Count} samples.");
        long[]? decisions = Rows.Decisions(outputs, output, batch.Count);
        float[] values = decisions is null ? Rows.Floats(outputs, output) : [];
        int width = decisions is null ? Rows.Width(output, values.Length, batch.Count) : 1;
        int classes = Math.Max(width, 2);
        for (int i = 0; i < batch.Count; i++)
        {
            long decision = decisions is null ? Rows.Decide(values.AsSpan(i * width, width), threshold) : decisions[i];
            destination[3 * i] = decision >= 0 && decision < classes ? decision : -1;
            destination[3 * i + 1] = Rows.Label(labels[i], classes, batch, i);
            destination[3 * i + 2] = classes;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores)
    {
        int[] once = new int[scores.Length / 3];
        Array.Fill(once, 1);
        return OfCounts(scores.ToArray())(once);
    }

    /// <inheritdoc/>
    /// <remarks>Cost: O(n + classes) for each call.</remarks>
    public FigureOfCounts OfCounts(float[] scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int classes = (int)scores[2];
        // Decisions for no class are counted apart, in the last place.
        var cells = new (int Decision, int Label)[scores.Length / 3];
        for (int i = 0; i < cells.Length; i++)
        {
            int decision = (int)scores[3 * i];
            cells[i] = (decision < 0 ? classes : decision, (int)scores[3 * i + 1]);
        }

        return counts => Of(cells, classes, counts);
    }

    static double Of((int Decision, int Label)[] cells, int classes, ReadOnlySpan<int> counts)
    {
        long[] truePositives = new long[classes + 1], decided = new long[classes + 1], labeled = new long[classes + 1];
        for (int i = 0; i < counts.Length; i++)
        {
            var (decision, label) = cells[i];
            labeled[label] += counts[i];
            decided[decision] += counts[i];
            if (decision == label) truePositives[label] += counts[i];
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
