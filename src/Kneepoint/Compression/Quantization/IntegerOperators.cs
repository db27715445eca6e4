using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Which operators the runtime computes on 8-bit codes, and which only move codes.</summary>
/// <remarks>Found by reading the graphs that ONNX Runtime 1.31.1 makes of each operator between QuantizeLinear and DequantizeLinear. Sub, Div, Max, Min, Tanh,
/// HardSigmoid, ReduceMean, linear Resize and ConvTranspose have no integer kernel there; Softmax has one that gains nothing and costs accuracy.</remarks>
static class IntegerOperators
{
    /// <summary>The role that an operator without weights can have; null if it must stay in float.</summary>
    public static IntegerRole? RoleOf(NodeProto node, GraphIndex index)
    {
        if (!node.IsStandard() || node.Output.Count == 0) return null;
        switch (node.OpType)
        {
            case "Add" or "Mul" when node.Input.Count == 2:
            case "Concat" or "GlobalAveragePool" or "Sigmoid" or "LeakyRelu":
            case "AveragePool" when IsPlainPooling(node):
                return IntegerRole.Arithmetic;
            case "Reshape" or "Flatten" or "Transpose" or "Squeeze" or "Unsqueeze" or "Slice" or "Split" or "DepthToSpace" or "SpaceToDepth"
                or "Expand" or "Tile" or "Gather" or "Identity":
                return IntegerRole.Codes;
            case "MaxPool" when OutputCount(node) == 1:
                return IntegerRole.Codes;
            case "Resize" when node.GetString("mode", "nearest") == "nearest" && node.GetString("coordinate_transformation_mode", "") != "tf_crop_and_resize":
                return IntegerRole.Codes;
            case "Pad" when IsZeroPad(node, index):
                return IntegerRole.Codes;
            default:
                return null;
        }
    }

    /// <summary>Reads the bounds of a ReLU or of a Clip with fixed bounds that hold 0.</summary>
    public static bool TryClip(NodeProto node, GraphIndex index, OnnxModel model, out float low, out float high)
    {
        (low, high) = (float.NegativeInfinity, float.PositiveInfinity);
        if (node.IsStandard("Relu"))
        {
            low = 0;
            return true;
        }

        if (!node.IsStandard("Clip")) return false;
        low = node.GetFloat("min", float.NegativeInfinity);
        high = node.GetFloat("max", float.PositiveInfinity);
        if (TryBound(node.InputOrEmpty(1), index, model, ref low) && TryBound(node.InputOrEmpty(2), index, model, ref high) && low <= 0 && high >= 0) return true;
        (low, high) = (float.NegativeInfinity, float.PositiveInfinity);
        return false;
    }

    /// <summary>Whether the runtime's integer kernel averages the same numbers: it knows no dilations, and counts what lies behind the padding where a window is rounded up.</summary>
    public static bool IsPlainPooling(NodeProto node) => (node.GetInts("dilations") ?? []).All(dilation => dilation == 1)
        && (node.GetInt("ceil_mode", 0) == 0 || node.GetInt("count_include_pad", 0) == 0);

    static bool TryBound(string input, GraphIndex index, OnnxModel model, ref float bound)
    {
        if (input.Length == 0) return true;
        if (!index.TryConstant(input, out var tensor) || TensorData.TypeOf(tensor) != ElementType.Float32 || TensorData.Count(tensor) != 1) return false;
        bound = TensorData.ReadFloat32(tensor, model)[0];
        return !float.IsNaN(bound);
    }

    // Reflected and repeated borders are codes of the image itself; a constant border must be 0, which every grid holds.
    static bool IsZeroPad(NodeProto node, GraphIndex index)
    {
        if (node.Input.Count < 2 || node.GetString("mode", "constant") != "constant") return node.Input.Count >= 2;
        string border = node.InputOrEmpty(2);
        return border.Length == 0 || (index.TryConstant(border, out var tensor) && IsPositiveOrNegativeZero(tensor));
    }

    static bool IsPositiveOrNegativeZero(TensorProto tensor)
    {
        if (TensorData.TypeOf(tensor) != ElementType.Float32 || TensorData.Count(tensor) != 1) return false;
        float value = tensor.HasRawData && tensor.RawData.Length == 4 ? BitConverter.ToSingle(tensor.RawData.Span)
            : tensor.FloatData.Count == 1 ? tensor.FloatData[0] : float.NaN;
        return value == 0;
    }

    static int OutputCount(NodeProto node) => node.Output.Count(output => output.Length > 0);
}
