using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Keeps layers float that a recipe keeps float, where the layers around them are integer.</summary>
/// <remarks>
/// A float Conv, ConvTranspose or Gemm that takes dequantized numbers and whose output is quantized again (behind a ReLU or clip at most) looks to
/// ONNX Runtime like a quantized layer that someone left unfinished: its WeightBiasQuantization pass rounds the weights to 8 bits with one scale for
/// the whole tensor, at load, without a word. On depthwise layers that costs many points of accuracy, on layers that a recipe spared because they are sensitive.
/// The pass wants one scale for the layer's input. So the layer gets the same numbers by a DequantizeLinear with a scale for each
/// channel, all of them equal: the same values bit for bit, and the layer stays as it is. Average poolings that the runtime's integer kernel computes otherwise are kept float, too.
/// </remarks>
static class FloatBetweenIntegers
{
    /// <summary>Gives every such layer its own conversion. Call it when all integer operators are written.</summary>
    public static void Keep(NetworkRewrite rewrite)
    {
        var index = rewrite.Index;
        var vectors = new Dictionary<(string Scalar, long Channels), string>();
        var inputs = new Dictionary<(string Value, long Channels), string>();
        var conversions = new List<NodeProto>();
        foreach (var layer in rewrite.Layers)
        {
            var node = layer.Node;
            if (InputChannels(layer) is not { } channels || node.Input.Count == 0 || !IsQuantizedBehind(node, index)) continue;
            if (index.Producer(node.Input[0]) is not { } source || !source.IsStandard("DequantizeLinear") || IsInteger(node, index)) continue;
            if (!inputs.TryGetValue((node.Input[0], channels), out string? input))
            {
                input = rewrite.Fresh(node.Input[0] + "_d");
                // The operator's axis is 1 by default: the channels.
                conversions.Add(NodeBuilder.Node("DequantizeLinear",
                    [source.Input[0], Vector(source.Input[1], channels), Vector(source.Input[2], channels)], [input]));
                inputs.Add((node.Input[0], channels), input);
            }

            node.Input[0] = input;
        }

        foreach (var conversion in conversions) rewrite.Add(conversion);
        if (conversions.Count > 0) rewrite.Changed();
        KeepPoolings(rewrite);

        string Vector(string scalar, long channels)
        {
            if (!vectors.TryGetValue((scalar, channels), out string? name))
            {
                vectors.Add((scalar, channels), name = rewrite.AddInitializer(scalar, Repeat(TensorData.Read(index.Initializer(scalar)!, rewrite.Model), channels)));
            }

            return name;
        }
    }

    // A pooling between conversions becomes the integer kernel, which cannot compute every one. A maximum of one value is the value, and keeps them apart.
    static void KeepPoolings(NetworkRewrite rewrite)
    {
        foreach (var node in rewrite.Graph.Node.Where(node => node.IsStandard("AveragePool") && !IntegerOperators.IsPlainPooling(node)).ToArray())
        {
            string output = node.FirstOutput();
            var quantized = rewrite.Index.Consumers(output).Where(use => use.Node == use.Owner && use.Node.IsStandard("QuantizeLinear")).ToArray();
            if (quantized.Length == 0) continue;
            string apart = rewrite.Add(NodeBuilder.Node("Max", [output], [rewrite.Fresh(output + "_a")]));
            foreach (var use in quantized) use.Node.Input[use.InputIndex] = apart;
            rewrite.Changed();
        }
    }

    static Tensor Repeat(Tensor scalar, long count)
    {
        if (scalar.ElementType == ElementType.Float32)
        {
            float[] scales = new float[count];
            Array.Fill(scales, scalar.Values<float>()[0]);
            return Tensor.Of([count], scales);
        }

        byte[] zeroPoints = new byte[count];
        Array.Fill(zeroPoints, scalar.Values<byte>()[0]);
        return Tensor.Of<byte>(ElementType.UInt8, [count], zeroPoints);
    }

    // The dimension of axis 1 of what the layer takes; null for operators that the runtime leaves alone.
    static long? InputChannels(WeightedLayer layer) => layer.OpType switch
    {
        "Conv" => layer.WeightDimensions[1] * layer.Group,
        "ConvTranspose" => layer.WeightDimensions[0],
        "Gemm" when layer.WeightInput == 1 && layer.Node.GetInt("transA", 0) == 0 => layer.ReductionLength,
        _ => null,
    };

    // A layer with weights as codes is meant to be integer.
    static bool IsInteger(NodeProto node, GraphIndex index) =>
        index.Producer(node.InputOrEmpty(1)) is { } weight && weight.IsStandard("DequantizeLinear");

    static bool IsQuantizedBehind(NodeProto node, GraphIndex index)
    {
        for (var current = node; ;)
        {
            if (index.Consumers(current.FirstOutput()) is not [{ Node: var next }]) return false;
            if (next.IsStandard("QuantizeLinear")) return true;
            if (!next.IsStandard("Relu") && !next.IsStandard("Clip")) return false;
            current = next;
        }
    }
}
