using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Stores scales in 16 bits where that saves more than the Cast costs and loses nothing that matters.</summary>
/// <remarks>A binary16 holds a scale to 2^-11 of its size, 1/256 of a 4-bit step at the end of the grid. Scales below the normal numbers of binary16 or beyond its largest stay in 32 bits.</remarks>
static class HalfScales
{
    const int LeastCount = 24;
    const float SmallestNormal = 6.1035156E-05f;

    static bool Fit(ReadOnlySpan<float> scales)
    {
        if (scales.Length < LeastCount || Float16Weights.Overflows(scales)) return false;
        foreach (float scale in scales)
        {
            if (Math.Abs(scale) < SmallestNormal) return false;
        }

        return true;
    }

    /// <summary>Adds scales as float values.</summary>
    public static string Add(NetworkRewrite rewrite, string stem, ReadOnlySpan<float> scales, ReadOnlySpan<long> dimensions)
    {
        string value = rewrite.Fresh(stem + "_s");
        AddAs(rewrite, value, scales, dimensions);
        return value;
    }

    /// <summary>Adds scales as a float value of a given name.</summary>
    public static void AddAs(NetworkRewrite rewrite, string value, ReadOnlySpan<float> scales, ReadOnlySpan<long> dimensions)
    {
        if (!Fit(scales))
        {
            rewrite.Graph.Initializer.Add(TensorData.Write(value, Tensor.Of(dimensions, scales)));
            rewrite.Changed();
            return;
        }

        var halves = new Half[scales.Length];
        Float16Weights.Convert(scales, halves);
        string stored = rewrite.AddInitializer(value + "_h", Tensor.Of<Half>(ElementType.Float16, dimensions, halves));
        rewrite.Add(NodeBuilder.Node("Cast", [stored], [value]).With("to", (long)ElementType.Float32));
    }
}
