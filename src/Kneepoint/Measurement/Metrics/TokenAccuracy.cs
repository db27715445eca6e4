using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>The share of tokens whose label has the largest output: next-token accuracy of a language model.</summary>
/// <remarks>
/// Among equal outputs the smaller class index wins; a token with a NaN counts as wrong. Targets below 0 are padding and skipped.
/// A sample's scores are its right tokens and its tokens, so that sequences are resampled whole: tokens of one sequence are not independent.
/// </remarks>
/// <param name="output">The output that holds [n, t, classes].</param>
public sealed class TokenAccuracy(string output) : IMetric
{
    /// <inheritdoc/>
    public string Name => "top1";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "fraction of tokens";

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
            int right = 0, count = 0;
            for (int t = i * tokens; t < (i + 1) * tokens; t++)
            {
                if (labels[t] < 0) continue;
                count++;
                if (Rows.ArgMax(values.AsSpan(t * classes, classes)) == Rows.Label(labels[t], classes, batch, i)) right++;
            }

            destination[2 * i] = right;
            destination[2 * i + 1] = count;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => RatioOfSums.Of(scores);

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) => counts => RatioOfSums.Of(scores, counts);
}
