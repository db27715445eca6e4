using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What a variant changes in the numbers of the reference: weights, biases, and the activations that it rounds.</summary>
/// <param name="Id">The recipe's hash.</param>
/// <param name="Tensors">Change of each changed initializer of the reference, by its name.</param>
/// <param name="Activations">Values that are rounded to codes, and how.</param>
sealed record VariantChange(string Id, IReadOnlyDictionary<string, float[]> Tensors, IReadOnlyDictionary<string, ActivationGrid> Activations)
{
    /// <summary>Bytes of memory that the changes take.</summary>
    public long Bytes => Tensors.Values.Sum(change => change.LongLength * sizeof(float));

    /// <summary>Of a variant whose weights can all be compared.</summary>
    public static VariantChange Of(string id, NetworkRewrite reference, EffectiveWeights weights)
    {
        var changes = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var layer in weights.Layers)
        {
            Add(layer.Layer.WeightName, layer.Weight!, reference.WeightOf(layer.Layer));

            if (layer.Bias is { } bias && BiasOf(reference, layer.Layer, bias.Length) is { } before) Add(layer.Layer.BiasName!, bias, before);
        }

        foreach (var (name, values) in weights.Vectors) Add(name, values, TensorData.ReadFloat32(reference.Index.Initializer(name)!, reference.Model));
        return new VariantChange(id, changes, weights.QuantizedActivations);

        void Add(string name, float[] after, float[] before)
        {
            if (changes.ContainsKey(name) || after.AsSpan().SequenceEqual(before)) return;
            float[] change = new float[after.Length];
            TensorPrimitives.Subtract<float>(after, before, change);
            changes.Add(name, change);
        }
    }

    // A bias that is one number for all channels, or is scaled, has no change of its own.
    static float[]? BiasOf(NetworkRewrite reference, WeightedLayer layer, int count)
    {
        if (layer.BiasName is not { Length: > 0 } name || reference.Index.Initializer(name) is not { } stored || TensorData.Count(stored) != count) return null;
        bool isScaled = layer.OpType == "Gemm" && layer.Node.GetFloat("beta", 1) != 1;
        return isScaled ? null : LayerBias.Of(reference, layer);
    }

    /// <summary>gᵀd for one sample: over weights and biases, and over what rounding does to the activations of this very sample.</summary>
    /// <param name="gradients">By the name of an initializer or a value.</param>
    /// <param name="values">Activations of the sample by name.</param>
    public double Along(IReadOnlyDictionary<string, Tensor> gradients, IReadOnlyDictionary<string, Tensor> values)
    {
        double sum = 0;
        foreach (var (name, change) in Tensors)
        {
            if (gradients.TryGetValue(name, out var gradient)) sum += Dot(gradient.Values<float>(), change);
        }

        foreach (var (name, grid) in Activations)
        {
            if (!gradients.TryGetValue(name, out var gradient) || !values.TryGetValue(name, out var value)) continue;
            float[] errors = new float[value.ElementCount];
            grid.FindErrors(value.Values<float>(), value.Dimensions.Count == 0 ? 1 : (int)value.Dimensions[^1], errors);
            sum += Dot(gradient.Values<float>(), errors);
        }

        return sum;
    }

    // In pieces, so that sums of many floats stay good; the same on every machine, for it is one number after the other in double.
    static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i + 4 <= a.Length; i += 4)
        {
            s0 += (double)a[i] * b[i];
            s1 += (double)a[i + 1] * b[i + 1];
            s2 += (double)a[i + 2] * b[i + 2];
            s3 += (double)a[i + 3] * b[i + 3];
        }

        for (; i < a.Length; i++) s0 += (double)a[i] * b[i];
        return s0 + s1 + (s2 + s3);
    }
}
