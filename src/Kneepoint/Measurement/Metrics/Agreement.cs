using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Fidelity without labels: the share of decisions that are the baseline's own.</summary>
/// <remarks>A decision is the class with the largest output; of [n, t, classes] every token decides, and a sample's score is the share of its
/// tokens. This says nothing about being right: a baseline that errs is followed.</remarks>
public sealed class Agreement(string output, int classes) : IMetric
{
    /// <inheritdoc/>
    public string Name => "fidelity";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "share of decisions that agree with the baseline";

    /// <inheritdoc/>
    public int ScoresPerSample => 1;

    /// <inheritdoc/>
    public bool IsProportion => true;

    /// <inheritdoc/>
    public bool NeedsBaseline => true;

    /// <inheritdoc/>
    public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(baselineOutputs);
        float[] values = Rows.Floats(outputs, output), wanted = Rows.Floats(baselineOutputs, output);
        int width = Rows.Width(output, values.Length, batch.Count), decisions = width / classes;
        for (int i = 0; i < batch.Count; i++)
        {
            int agreeing = 0;
            for (int d = 0; d < decisions; d++)
            {
                int start = i * width + d * classes;
                if (Rows.ArgMax(values.AsSpan(start, classes)) == Rows.ArgMax(wanted.AsSpan(start, classes))) agreeing++;
            }

            destination[i] = (float)agreeing / decisions;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => Mean.Of(scores);
}
