using Kneepoint.Data;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Fidelity without labels: the share of decisions that are the baseline's own.</summary>
/// <remarks>A decision is the class with the largest output; of [n, t, classes] every token decides, and a sample's score is the share of its
/// tokens, where tokens of one sequence are not independent. A NaN agrees with nothing. This says nothing about being right: a baseline that
/// errs is followed.</remarks>
/// <param name="output">The output that holds [n, classes] or [n, t, classes].</param>
/// <param name="classes">At least 2.</param>
/// <param name="isSequence">There are several decisions in a sample, so that the figure is no proportion of independent decisions.</param>
public sealed class Agreement(string output, int classes, bool isSequence = false) : IMetric
{
    readonly int _classes = classes >= 2 ? classes : throw new ArgumentOutOfRangeException(nameof(classes), classes, "A decision takes at least 2 classes.");

    /// <inheritdoc/>
    public string Name => "fidelity";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "share of decisions that agree with the baseline";

    /// <inheritdoc/>
    public int ScoresPerSample => 1;

    /// <inheritdoc/>
    public bool IsProportion => !isSequence;

    /// <inheritdoc/>
    public bool NeedsBaseline => true;

    /// <inheritdoc/>
    public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(baselineOutputs);
        float[] values = Rows.Floats(outputs, output), wanted = Rows.Floats(baselineOutputs, output);
        int width = Rows.Width(output, values.Length, batch.Count), decisions = width / _classes;
        if (wanted.Length != values.Length || width % _classes != 0)
        {
            throw new DataException($"Output '{output}': expected rows of {_classes} classes as in the baseline's {wanted.Length} values, found {values.Length}.");
        }

        for (int i = 0; i < batch.Count; i++)
        {
            int agreeing = 0;
            for (int d = 0; d < decisions; d++)
            {
                int start = i * width + d * _classes;
                int decision = Rows.ArgMax(values.AsSpan(start, _classes));
                if (decision >= 0 && decision == Rows.ArgMax(wanted.AsSpan(start, _classes))) agreeing++;
            }

            destination[i] = (float)agreeing / decisions;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => Mean.Of(scores);

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) => counts => WeightedSum.Of(scores, 1, 0, counts) / WeightedSum.Of(counts);
}
