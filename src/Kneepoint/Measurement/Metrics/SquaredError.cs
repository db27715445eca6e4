using Kneepoint.Data;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Mean squared error against real targets, or the peak signal-to-noise ratio made of it.</summary>
/// <remarks>Computes Σ(y − t)² ÷ count over all elements; as a ratio
/// 10·log₁₀(peak² ÷ (MSE + 2⁻⁴⁸·peak²)) dB, where the second term is the resolution of float32: no error at all reads 144.5 dB.
/// A NaN element counts as peak², or, with no peak, as 1 more than the target's own square.</remarks>
/// <param name="output">The output that has the targets' element count.</param>
/// <param name="peak">The largest value that a target can have; null for the mean squared error itself.</param>
public sealed class SquaredError(string output, double? peak = null) : IMetric
{
    static readonly double Resolution = Math.Pow(2, -48);
    readonly double? _peak = peak is null || (peak > 0 && double.IsFinite(peak.Value))
        ? peak
        : throw new ArgumentOutOfRangeException(nameof(peak), peak, "The peak must be positive and finite.");

    /// <inheritdoc/>
    public string Name => _peak is null ? "mse" : "psnr";

    /// <inheritdoc/>
    public bool IsMaximized => _peak is not null;

    /// <inheritdoc/>
    public string Unit => _peak is null ? "squared unit of the output" : "dB";

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
        if (batch.Targets is not { ElementType: ElementType.Float32 } targets || targets.ElementCount != values.Length)
        {
            throw new DataException($"The metric {Name}: output '{output}' has {values.Length} values for {batch.Count} samples; "
                + $"the targets have {(batch.Targets is { } t ? $"{t.ElementCount} of type {t.ElementType}" : "none")}.");
        }

        var wanted = targets.Values<float>();
        int width = Rows.Width(output, values.Length, batch.Count);
        for (int i = 0; i < batch.Count; i++)
        {
            double sum = 0;
            for (int e = i * width; e < (i + 1) * width; e++)
            {
                double difference = (double)values[e] - wanted[e];
                sum += double.IsNaN(difference) ? _peak * _peak ?? 1 + (double)wanted[e] * wanted[e] : difference * difference;
            }

            destination[2 * i] = (float)sum;
            destination[2 * i + 1] = width;
        }
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => Figure(RatioOfSums.Of(scores));

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) => counts => Figure(RatioOfSums.Of(scores, counts));

    double Figure(double meanSquare) => _peak is { } p ? -10 * Math.Log10(meanSquare / (p * p) + Resolution) : meanSquare;
}
