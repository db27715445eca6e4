using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Search;

/// <summary>How the outputs of a variant are compared with those of the baseline.</summary>
public enum DivergenceKind
{
    /// <summary>Outputs with two or more entries in the last dimension are logits or probabilities of classes or tokens: Kullback–Leibler divergence, nats.</summary>
    Classes,

    /// <summary>Outputs are values: power of the difference over the power of the baseline's output.</summary>
    Values,
}

/// <summary>How far a variant's outputs are from the baseline's on the same samples: the loss that sensitivities are measured by.</summary>
/// <remarks>
/// Finer than the metric: it moves long before a decision flips, and needs no targets.
/// Classes: mean over samples of the mean over rows of KL(p‖q) = sum p (ln p - ln q), p and q the softmax of the baseline's and the variant's last dimension, shifted by its maximum;
/// an output whose rows in the first batch are not negative and add up to 1 within 0.001 is taken as probabilities, q then at least 1e-12.
/// Values: sum |variant - baseline|² / sum |baseline|², that is 10^(-SQNR / 10). Outputs of integers: the share that differs. Several outputs: the mean.
/// NaN, infinity: where the baseline is finite and the variant is not, the loss is infinite; entries that are not finite in the baseline are left out.
/// All sums are double, in the order of the elements. Cost: O(1) memory.
/// </remarks>
/// <param name="kind">What the outputs are.</param>
public sealed class OutputDivergence(DivergenceKind kind)
{
    readonly SortedDictionary<string, OutputSums> _outputs = new(StringComparer.Ordinal);
    long _samples;

    /// <summary>Compares the outputs of a batch.</summary>
    /// <param name="baseline">The baseline's outputs by name.</param>
    /// <param name="variant">The variant's outputs on the same inputs: the same names and shapes.</param>
    /// <param name="sampleCount">Samples in the batch. An output whose first dimension is another is taken as one observation.</param>
    /// <exception cref="ArgumentException">The variant lacks an output, or gives another shape.</exception>
    public void Add(IReadOnlyDictionary<string, Tensor> baseline, IReadOnlyDictionary<string, Tensor> variant, int sampleCount)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleCount);
        foreach (var (name, expected) in baseline.OrderBy(output => output.Key, StringComparer.Ordinal))
        {
            if (!variant.TryGetValue(name, out var found)) throw new ArgumentException($"The variant has no output '{name}'.", nameof(variant));
            if (!expected.Dimensions.SequenceEqual(found.Dimensions))
            {
                throw new ArgumentException(
                    $"Output '{name}': expected [{string.Join(", ", expected.Dimensions)}], the variant gives [{string.Join(", ", found.Dimensions)}].", nameof(variant));
            }

            if (expected.ElementCount == 0) continue;
            if (!_outputs.TryGetValue(name, out var sums)) _outputs.Add(name, sums = new OutputSums());
            AddOutput(sums, expected, found, sampleCount);
        }

        _samples += sampleCount;
    }

    /// <summary>The loss so far with its standard error over samples; 0 if nothing was added.</summary>
    public Sensitivity Result()
    {
        double loss = 0;
        double variance = 0;
        foreach (var sums in _outputs.Values)
        {
            loss += sums.Ratio / _outputs.Count;
            variance += sums.RatioVariance / _outputs.Count / _outputs.Count;
        }

        return new Sensitivity(loss, double.IsFinite(loss) ? Math.Sqrt(variance) : 0, _samples);
    }

    void AddOutput(OutputSums sums, Tensor expected, Tensor found, int sampleCount)
    {
        int observations = expected.Dimensions.Count > 0 && expected.Dimensions[0] == sampleCount ? sampleCount : 1;
        int each = checked((int)(expected.ElementCount / observations));
        if (!IsFloat(expected) || !IsFloat(found))
        {
            AddMismatches(sums, expected, found, observations, each);
            return;
        }

        var left = Floats(expected);
        var right = Floats(found);
        int classes = expected.Dimensions.Count > 0 ? (int)Math.Min(expected.Dimensions[^1], int.MaxValue) : 1;
        bool areClasses = kind == DivergenceKind.Classes && classes >= 2;
        if (areClasses) sums.AreProbabilities ??= AreProbabilities(left, classes);
        for (int i = 0; i < observations; i++)
        {
            var p = left.Slice(i * each, each);
            var q = right.Slice(i * each, each);
            if (areClasses) sums.Add(MeanDivergence(sums, p, q, classes), 1);
            else sums.Add(NoisePower(p, q), SignalPower(p));
        }
    }

    static bool AreProbabilities(ReadOnlySpan<float> rows, int classes)
    {
        for (; !rows.IsEmpty; rows = rows[classes..])
        {
            if (!ClassDivergence.AreProbabilities(rows[..classes])) return false;
        }

        return true;
    }

    static double MeanDivergence(OutputSums sums, ReadOnlySpan<float> p, ReadOnlySpan<float> q, int classes)
    {
        double sum = 0;
        int rows = p.Length / classes;
        for (int row = 0; row < rows; row++)
        {
            var a = p.Slice(row * classes, classes);
            var b = q.Slice(row * classes, classes);
            sum += sums.AreProbabilities == true ? ClassDivergence.OfProbabilities(a, b) : ClassDivergence.OfLogits(a, b);
        }

        return sum / rows;
    }

    static double NoisePower(ReadOnlySpan<float> baseline, ReadOnlySpan<float> variant)
    {
        double sum = 0;
        for (int i = 0; i < baseline.Length; i++)
        {
            if (!float.IsFinite(baseline[i])) continue;
            if (!float.IsFinite(variant[i])) return double.PositiveInfinity;
            double difference = (double)variant[i] - baseline[i];
            sum += difference * difference;
        }

        return sum;
    }

    static double SignalPower(ReadOnlySpan<float> baseline)
    {
        double sum = 0;
        foreach (float x in baseline)
        {
            if (float.IsFinite(x)) sum += (double)x * x;
        }

        return sum;
    }

    static void AddMismatches(OutputSums sums, Tensor expected, Tensor found, int observations, int each)
    {
        bool isSameType = expected.ElementType == found.ElementType;
        int width = expected.Bytes.Length / (observations * each);
        for (int i = 0; i < observations; i++)
        {
            int different = 0;
            for (int j = i * each; j < (i + 1) * each; j++)
            {
                bool isSame = isSameType && (width == 0
                    ? expected.Bytes.Span.SequenceEqual(found.Bytes.Span)
                    : expected.Bytes.Span.Slice(j * width, width).SequenceEqual(found.Bytes.Span.Slice(j * width, width)));
                if (!isSame) different++;
            }

            sums.Add(different / (double)each, 1);
        }
    }

    static bool IsFloat(Tensor tensor) => tensor.ElementType is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    static ReadOnlySpan<float> Floats(Tensor tensor) => tensor.ElementType == ElementType.Float32 ? tensor.Values<float>() : TensorData.ToFloat32(tensor);
}
