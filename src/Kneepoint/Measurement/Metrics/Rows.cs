using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Reads outputs and targets as rows, with one sentence when they do not fit.</summary>
static class Rows
{
    /// <summary>The float values of an output, converted if it is half or double precision.</summary>
    public static float[] Floats(IReadOnlyDictionary<string, Tensor> outputs, string name)
    {
        if (!outputs.TryGetValue(name, out var tensor))
        {
            throw new DataException($"The network has no output '{name}'; it has {string.Join(", ", outputs.Keys)}.");
        }

        return IsFloat(tensor.ElementType)
            ? TensorData.ToFloat32(tensor)
            : throw new DataException($"Output '{name}': expected floating-point numbers, found {tensor.ElementType}.");
    }

    /// <summary>Whether metrics can read such numbers.</summary>
    public static bool IsFloat(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    /// <summary>Decisions that the network has made itself, one integer for each sample; null if the output is not of that kind.</summary>
    public static long[]? Decisions(IReadOnlyDictionary<string, Tensor> outputs, string name, int count)
    {
        if (!outputs.TryGetValue(name, out var tensor) || tensor.ElementCount != count) return null;
        return tensor.ElementType switch
        {
            ElementType.Int64 => tensor.Values<long>().ToArray(),
            ElementType.Int32 => Array.ConvertAll(tensor.Values<int>().ToArray(), value => (long)value),
            _ => null,
        };
    }

    /// <summary>The numbers in each of <paramref name="count"/> rows.</summary>
    public static int Width(string name, int valueCount, int count) => count > 0 && valueCount % count == 0 && valueCount > 0
        ? valueCount / count
        : throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"Output '{name}': expected rows for {count} samples, found {valueCount} values."));

    /// <summary>Class indices of a batch.</summary>
    public static ReadOnlySpan<long> Labels(SampleBatch batch, string metric) => batch.Targets is { ElementType: ElementType.Int64 } targets
        ? targets.Values<long>()
        : throw new DataException($"The metric {metric} needs integer labels; the data has {(batch.Targets is { } t ? $"{t.ElementType} targets" : "none")}.");

    /// <summary>The labels of each sample.</summary>
    public static int TokensPerSample(int labelCount, SampleBatch batch, string metric) =>
        batch.Count > 0 && labelCount > 0 && labelCount % batch.Count == 0
            ? labelCount / batch.Count
            : throw new DataException($"The metric {metric}: expected as many labels for each sample, found {labelCount} for {batch.Count} samples.");

    /// <summary>A sample's label, if the network has such a class.</summary>
    /// <param name="label">The label.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="batch">Where the sample is in the data.</param>
    /// <param name="sample">The sample's index in the batch.</param>
    public static int Label(long label, int classes, SampleBatch batch, int sample) => label >= 0 && label < classes
        ? (int)label
        : throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"Sample {batch.First + sample} (counted from 0): the label is {label}; the network has {classes} classes, 0 to {classes - 1}."));

    /// <summary>The class that a row decides for: the first index of the largest value; of a single value, 1 from the threshold on; −1 if there is a NaN.</summary>
    public static int Decide(ReadOnlySpan<float> row, double threshold)
    {
        if (row.Length > 1) return ArgMax(row);
        return float.IsNaN(row[0]) ? -1 : row[0] >= threshold ? 1 : 0;
    }

    /// <summary>The first index of the largest value; −1 if there is a NaN.</summary>
    public static int ArgMax(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (float.IsNaN(row[i])) return -1;
            if (row[i] > row[best]) best = i;
        }

        return best;
    }
}
