using System.Globalization;
using Kneepoint.Data;
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

        return tensor.ElementType switch
        {
            ElementType.Float32 => tensor.Values<float>().ToArray(),
            ElementType.Float64 => Array.ConvertAll(tensor.Values<double>().ToArray(), value => (float)value),
            ElementType.Float16 => Array.ConvertAll(tensor.Values<Half>().ToArray(), value => (float)value),
            _ => throw new DataException($"Output '{name}': expected floating-point numbers, found {tensor.ElementType}."),
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

    /// <summary>A label, if the network has such a class.</summary>
    public static int Label(long label, int classes) => label >= 0 && label < classes
        ? (int)label
        : throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"A label is {label}; the network has {classes} classes, 0 to {classes - 1}."));

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
