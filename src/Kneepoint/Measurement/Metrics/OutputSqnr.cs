using Kneepoint.Data;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Fidelity without labels for outputs that decide nothing: the signal-to-noise ratio of all outputs against the baseline's.</summary>
/// <remarks>
/// Computes −10·log₁₀(mean over samples and outputs of Σ(ŷ − y)² ÷ Σy² + 2⁻⁴⁸) dB over the floating-point outputs: each output is scaled by
/// its own energy in the sample, so that none drowns another. The second term is the resolution of float32 arithmetic: identical outputs read
/// 144.5 dB. An element that is not finite counts as full noise, unless the baseline has the same one. Where the baseline gives only zeros,
/// anything else is full noise. An output whose size does not follow the batch is compared as a whole.
/// </remarks>
public sealed class OutputSqnr : IMetric
{
    static readonly double Resolution = Math.Pow(2, -48);

    /// <inheritdoc/>
    public string Name => "fidelity-sqnr";

    /// <inheritdoc/>
    public bool IsMaximized => true;

    /// <inheritdoc/>
    public string Unit => "dB";

    /// <inheritdoc/>
    public int ScoresPerSample => 1;

    /// <inheritdoc/>
    public bool IsProportion => false;

    /// <inheritdoc/>
    public bool NeedsBaseline => true;

    /// <inheritdoc/>
    public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
        Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(baselineOutputs);
        destination[..batch.Count].Clear();
        int counted = 0;
        foreach (var (name, tensor) in baselineOutputs)
        {
            if (!Rows.IsFloat(tensor.ElementType) || tensor.ElementCount == 0) continue;
            float[] wanted = Rows.Floats(baselineOutputs, name), values = Rows.Floats(outputs, name);
            if (values.Length != wanted.Length)
            {
                throw new DataException($"Output '{name}' has {values.Length} values; the baseline's has {wanted.Length}.");
            }

            counted++;
            bool isPerSample = wanted.Length % batch.Count == 0;
            int width = isPerSample ? wanted.Length / batch.Count : wanted.Length;
            for (int i = 0; i < batch.Count; i++)
            {
                int start = isPerSample ? i * width : 0;
                destination[i] += (float)RelativeNoise(values.AsSpan(start, width), wanted.AsSpan(start, width));
            }
        }

        if (counted == 0) throw new DataException("The network has no floating-point output to compare.");
        for (int i = 0; i < batch.Count; i++) destination[i] /= counted;
    }

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<float> scores) => -10 * Math.Log10(Mean.Of(scores) + Resolution);

    /// <inheritdoc/>
    public FigureOfCounts OfCounts(float[] scores) =>
        counts => -10 * Math.Log10(WeightedSum.Of(scores, 1, 0, counts) / WeightedSum.Of(counts) + Resolution);

    static double RelativeNoise(ReadOnlySpan<float> values, ReadOnlySpan<float> wanted)
    {
        double signal = 0, noise = 0;
        for (int e = 0; e < wanted.Length; e++)
        {
            if (values[e].Equals(wanted[e]))
            {
                signal += float.IsFinite(wanted[e]) ? (double)wanted[e] * wanted[e] : 0;
                continue;
            }

            double energy = float.IsFinite(wanted[e]) ? (double)wanted[e] * wanted[e] : 1;
            double difference = (double)values[e] - wanted[e];
            signal += energy;
            noise += double.IsFinite(difference) ? difference * difference : energy;
        }

        return noise == 0 ? 0 : signal == 0 ? 1 : noise / signal;
    }
}
