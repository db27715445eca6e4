using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Looks at what a layer adds.</summary>
static class LayerBias
{
    /// <summary>Whether the bias is fixed and has one number per output channel, or one for all, or is missing.</summary>
    public static bool IsPerChannel(WeightedLayer layer, GraphIndex index)
    {
        if (layer.BiasName is null) return true;
        if (!index.TryConstant(layer.BiasName, out var tensor)) return false;
        long count = TensorData.Count(tensor);
        return count == 1 || (count == layer.OutputChannels && tensor.Dims[^1] == count);
    }
}
