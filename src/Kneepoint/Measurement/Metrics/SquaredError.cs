using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Mean squared error against real targets, or the peak signal-to-noise ratio made of it.</summary>
/// <remarks>Computes Σ(y − t)² ÷ count over all elements; as a ratio 10·log₁₀(peak² ÷ MSE) dB. A NaN element counts as peak².</remarks>
/// <param name="output">The output that has the targets' element count.</param>
/// <param name="peak">The largest value that a target can have; null for the mean squared error itself.</param>
public sealed class SquaredError(string output, double? peak = null) : IMetric
{
    /// <inheritdoc/>
    public string Name => peak is null ? "mse" : "psnr";

    /// <inheritdoc/>
    public bool IsMaximized => peak is not null;

    /// <inheritdoc/>
    public string Unit => peak is null ? "squared unit of the output" : "dB";

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
        if (batch.Targets is not { ElementType: ElementType.Float32 } targets || targets.ElementCount != values.Length)
        {
            throw new DataException($"The metric {Name}: output '{output}' has {values.Length} values for {batch.Count} samples; "
                + $"the targets have {(batch.Targets is { } t ? $"{t.ElementCount} of type {t.ElementType}" : "none")}.");
        }

        var wanted = targets.Values<float>();
        int width = Rows.Width(output, values.Length, batch.Count);
        double nanError = peak * peak ?? 1;
        for (int i = 0; i < batch.Count; i++)
        {
            double sum = 0;
            for (int e = i * width; e < (i + 1) * width; e++)
            {
                double difference = values[e] - wanted[e];
                sum += double.IsNaN(difference) ? nanError : difference * difference;
            }

            destination[2 * i] = (float)sum;
            destination[2 * i + 1] = width;
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

        return peak is { } p ? 10 * Math.Log10(p * p * count / sum) : sum / count;
    }
}
