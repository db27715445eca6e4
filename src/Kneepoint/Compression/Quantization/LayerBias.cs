using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Looks at what a Conv or Gemm adds.</summary>
static class LayerBias
{
    /// <summary>Whether the bias is fixed and has one number per output channel, or one for all, or is missing.</summary>
    public static bool IsPerChannel(WeightedLayer layer, GraphIndex index)
    {
        if (layer.BiasName is null) return true;
        // A bias that a caller may override is fixed before any method sees it.
        if (!index.TryConstant(layer.BiasName, out var tensor)) tensor = index.Initializer(layer.BiasName);
        if (tensor is null) return false;
        long count = TensorData.Count(tensor);
        return count == 1 || (count == layer.OutputChannels && tensor.Dims[^1] == count);
    }

    /// <summary>The bias with the factor beta of a Gemm in it, one number per output channel; null where there is none.</summary>
    public static float[]? Of(NetworkRewrite rewrite, WeightedLayer layer)
    {
        if (layer.BiasName is null || !rewrite.Index.TryConstant(layer.BiasName, out var tensor)) return null;
        float[] values = TensorData.ReadFloat32(tensor, rewrite.Model);
        float[] bias = new float[layer.OutputChannels];
        for (int c = 0; c < bias.Length; c++) bias[c] = values[values.Length == 1 ? 0 : c];
        Multiply(bias, layer.OpType == "Gemm" ? layer.Node.GetFloat("beta", 1) : 1);
        return bias;
    }

    /// <summary>Adds the bias of <see cref="Of"/> as an initializer; null where there is none.</summary>
    public static string? AddTo(NetworkRewrite rewrite, WeightedLayer layer) =>
        Of(rewrite, layer) is { } bias ? rewrite.AddInitializer(layer.BiasName + "_b", Tensor.Of([bias.Length], bias)) : null;

    /// <summary>Whether what a layer adds may be changed for it alone: it is a convolution with a fixed bias or none, and with a weight of its own.</summary>
    public static bool IsFree(NetworkRewrite rewrite, WeightedLayer layer) =>
        layer.OpType == "Conv" && layer.OtherArithmetic is null && layer.SharedWith.IsEmpty && (layer.BiasName is null || rewrite.Index.TryConstant(layer.BiasName, out _)) && IsPerChannel(layer, rewrite.Index);

    /// <summary>Takes a number from each output of a convolution whose bias is free; a missing bias is added.</summary>
    public static void Subtract(NetworkRewrite rewrite, WeightedLayer layer, ReadOnlySpan<double> shifts)
    {
        float[] bias = Of(rewrite, layer) ?? new float[layer.OutputChannels];
        for (int c = 0; c < bias.Length; c++) bias[c] = (float)(bias[c] - shifts[c]);
        string name = rewrite.AddInitializer((layer.BiasName ?? layer.WeightName) + "_b", Tensor.Of([bias.Length], bias));
        while (layer.Node.Input.Count < 3) layer.Node.Input.Add("");
        layer.Node.Input[2] = name;
        rewrite.Changed();
    }

    /// <summary>Multiplies in place.</summary>
    public static void Multiply(Span<float> values, float factor)
    {
        if (factor == 1) return;
        foreach (ref float value in values) value *= factor;
    }
}
