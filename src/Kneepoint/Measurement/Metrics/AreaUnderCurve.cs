using Kneepoint.Data;
using Kneepoint.Measurement.Statistics;
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
        ArgumentNullException.ThrowIfNull(batch);
        float[] values = Rows.Floats(outputs, output);
        var labels = Rows.Labels(batch, Name);
        int width = Rows.Width(output, values.Length, batch.Count);
        if (labels.Length != batch.Count) throw new DataException($"The metric auc takes one label per sample; the data has {labels.Length} for {batch.Count} samples.");
        if (width > 2) throw new DataException($"The metric auc takes two classes; output '{output}' has {width}.");
        for (int i = 0; i < batch.Count; i++)
        {
            float score = width == 2 ? values[2 * i + 1] - values[2 * i] : values[i];
            destination[2 * i] = float.IsNaN(score) ? float.NegativeInfinity : score;
            destination[2 * i + 1] = Rows.Label(labels[i], 2, batch, i);
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores)
    {
        int[] once = new int[scores.Length / 2];
        Array.Fill(once, 1);
        return OfCounts(scores.ToArray())(once);
    }

    /// <inheritdoc/>
    /// <remarks>See <see cref="AreaInterval"/>; drawing the samples again is too narrow for areas near 1 and too wide for few samples.</remarks>
    public Interval? WithInterval(ReadOnlySpan<float> scores)
    {
        int n = scores.Length / 2;
        float[] keys = new float[n];
        bool[] isPositive = new bool[n];
        for (int i = 0; i < n; i++) (keys[i], isPositive[i]) = (scores[2 * i], scores[2 * i + 1] != 0);
        return AreaInterval.Of(keys, isPositive);
    }

    /// <inheritdoc/>
    /// <remarks>Cost: sorts once, O(n log n); then O(n) for each call.</remarks>
    public FigureOfCounts OfCounts(float[] scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int n = scores.Length / 2;
        float[] keys = new float[n];
        int[] order = new int[n];
        for (int i = 0; i < n; i++) (keys[i], order[i]) = (scores[2 * i], i);
        Array.Sort(keys, order);
        bool[] isPositive = Array.ConvertAll(order, i => scores[2 * i + 1] != 0);
        return counts => OfSorted(keys, order, isPositive, counts);
    }

    static double OfSorted(float[] keys, int[] order, bool[] isPositive, ReadOnlySpan<int> counts)
    {
        // Each positive beats the negatives below it and half of those in its tie.
        double beaten = 0, positives = 0, negatives = 0;
        for (int start = 0; start < keys.Length;)
        {
            int end = start;
            double positivesInTie = 0, negativesInTie = 0;
            for (; end < keys.Length && keys[end] == keys[start]; end++)
            {
                if (isPositive[end]) positivesInTie += counts[order[end]];
                else negativesInTie += counts[order[end]];
            }

            beaten += positivesInTie * (negatives + negativesInTie / 2);
            positives += positivesInTie;
            negatives += negativesInTie;
            start = end;
        }

        return beaten / (positives * negatives);
    }
}
