using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Finds the quantized layers of a network that someone else has quantized.</summary>
/// <remarks>
/// Known forms: QDQ (a weight, and perhaps the activation, through DequantizeLinear), the operators on codes (QLinearConv, QLinearMatMul, QGemm) and
/// the dynamic ones (ConvInteger, MatMulInteger, MatMulIntegerToFloat, DynamicQuantizeMatMul, MatMulNBits). Layers without fixed quantized weights are not listed.
/// </remarks>
public static class GivenQuantization
{
    const int FloatBits = 32;

    /// <summary>The layers in the order of the nodes, with the bits that they store and compute with.</summary>
    /// <exception cref="OnnxModelException">The graph is malformed.</exception>
    public static ImmutableArray<TreatedLayer> LayersOf(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var index = new GraphIndex(model);
        return [.. model.Graph.Node.Select(node => Layer(node, index)).OfType<TreatedLayer>()];
    }

    static TreatedLayer? Layer(NodeProto node, GraphIndex index) => node.OpType switch
    {
        "Conv" or "ConvTranspose" or "Gemm" or "MatMul" when node.IsStandard() => Dequantized(node, index),
        "QLinearConv" or "QLinearMatMul" => OnCodes(node, 3, index),
        "QGemm" => OnCodes(node, 3, index),
        "ConvInteger" or "MatMulInteger" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" => OnCodes(node, 1, index),
        "MatMulNBits" => new TreatedLayer(node.FirstOutput(), node.OpType, "given", (int)Math.Clamp(node.GetInt("bits", 4), 1, FloatBits), FloatBits, node.FirstOutput()),
        _ => null,
    };

    static TreatedLayer? OnCodes(NodeProto node, int weightInput, GraphIndex index) =>
        index.TryConstant(node.InputOrEmpty(weightInput), out var weight)
            ? new TreatedLayer(node.FirstOutput(), node.OpType, "given", Tensor.Bits(TensorData.TypeOf(weight)), Tensor.Bits(ElementType.UInt8), node.FirstOutput())
            : null;

    static TreatedLayer? Dequantized(NodeProto node, GraphIndex index)
    {
        var codes = (Codes(node.InputOrEmpty(0), index), Codes(node.InputOrEmpty(1), index));
        // A MatMul may have its weight on either side.
        var (weight, activation) = codes.Item2 is { Constant: not null } ? (codes.Item2, codes.Item1) : (codes.Item1, codes.Item2);
        if (weight?.Constant is not { } constant) return null;
        return new TreatedLayer(node.FirstOutput(), node.OpType, "given", Tensor.Bits(TensorData.TypeOf(constant)),
            activation is null ? FloatBits : activation.Value.Bits, node.FirstOutput());
    }

    static (TensorProto? Constant, int Bits)? Codes(string value, GraphIndex index)
    {
        if (index.Producer(value) is not { } producer || !producer.IsStandard("DequantizeLinear")) return null;
        bool isFixed = index.TryConstant(producer.InputOrEmpty(0), out var constant);
        // The zero point has the type of the codes; without one they are 8 bits wide.
        bool hasZeroPoint = index.TryConstant(producer.InputOrEmpty(2), out var zeroPoint);
        int bits = Tensor.Bits(isFixed ? TensorData.TypeOf(constant!) : hasZeroPoint ? TensorData.TypeOf(zeroPoint!) : ElementType.UInt8);
        return (isFixed ? constant : null, bits);
    }
}
