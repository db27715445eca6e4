using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Looks for NaN and infinity in outputs.</summary>
static class NonFinite
{
    /// <summary>For each sample of a batch whether there is a NaN or an infinity in any floating-point output.</summary>
    /// <remarks>An output whose size does not follow the batch counts for every sample.</remarks>
    public static bool[] InSamples(IReadOnlyDictionary<string, Tensor> outputs, int batchCount)
    {
        bool[] isBad = new bool[batchCount];
        foreach (var tensor in outputs.Values)
        {
            if (!Rows.IsFloat(tensor.ElementType) || tensor.ElementCount == 0) continue;
            ReadOnlySpan<float> values = tensor.ElementType == ElementType.Float32 ? tensor.Values<float>() : TensorData.ToFloat32(tensor);
            int width = values.Length % batchCount == 0 ? values.Length / batchCount : values.Length;
            for (int i = 0; i < batchCount; i++)
            {
                isBad[i] |= ContainsNonFinite(values.Slice(width == values.Length ? 0 : i * width, width));
            }
        }

        return isBad;
    }

    /// <summary>Whether there is a NaN or an infinity.</summary>
    public static bool ContainsNonFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) return true;
        }

        return false;
    }
}
