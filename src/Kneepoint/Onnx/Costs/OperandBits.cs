using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Costs;

/// <summary>With how many bits the two operands of a product are stored.</summary>
/// <remarks>
/// A weight has the bits of what it is made of: the stored bits of the largest fixed tensor behind it, for each element. So codes in INT4, two codes in a byte, and
/// 16-bit floats that are widened at load count as what the file holds. An activation has the bits of its type, or of the codes that
/// it was dequantized from just before.
/// </remarks>
sealed class OperandBits(GraphIndex index, ShapeTable shapes)
{
    const int FloatBits = 32;
    const int MostVisits = 64;

    /// <summary>Bits of both operands.</summary>
    /// <param name="node">An operator that multiplies.</param>
    public (int Weight, int Activation) Of(NodeProto node)
    {
        var (activation, weight) = node.OpType switch
        {
            "QLinearConv" or "QLinearMatMul" => (0, 3),
            _ => (0, 1),
        };
        if (node.OpType == "MatMulNBits")
        {
            return ((int)Math.Clamp(node.GetInt("bits", 4), 1, 8), node.GetInt("accuracy_level", 0) == 4 ? 8 : ActivationBits(node.InputOrEmpty(0)));
        }

        bool isDynamic = node.OpType is "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM";

        // A weight may be the left operand of a product.
        if (node.OpType is "MatMul" or "Gemm" && Stored(node.InputOrEmpty(1)) is null && Stored(node.InputOrEmpty(0)) is not null) (activation, weight) = (1, 0);
        int weightBits = Stored(node.InputOrEmpty(weight)) ?? ActivationBits(node.InputOrEmpty(weight));
        return (weightBits, isDynamic ? 8 : ActivationBits(node.InputOrEmpty(activation)));
    }

    int ActivationBits(string value)
    {
        for (int i = 0; i < MostVisits && index.Producer(value) is { } producer; i++)
        {
            if (producer.OpType == "DequantizeLinear") return TypeBits(producer.InputOrEmpty(0));
            if (producer.OpType is not ("Reshape" or "Transpose" or "Flatten" or "Squeeze" or "Unsqueeze" or "Identity")) break;
            value = producer.InputOrEmpty(0);
        }

        return TypeBits(value);
    }

    int TypeBits(string value)
    {
        var type = shapes[value]?.ElementType ?? (index.Initializer(value) is { } tensor ? TensorData.TypeOf(tensor) : ElementType.Undefined);
        int bits = type == ElementType.Undefined ? 0 : Tensor.Bits(type);
        return bits > 0 ? bits : FloatBits;
    }

    // Null where the value is not fixed.
    int? Stored(string value)
    {
        if (shapes[value]?.ElementCount is not { } count || count == 0) return null;
        long largest = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([value]);
        while (waiting.TryPop(out string? name))
        {
            if (name.Length == 0 || !seen.Add(name)) continue;
            if (seen.Count > MostVisits) return null;
            if (index.TryConstant(name, out var tensor) || (tensor = index.Initializer(name)) is not null)
            {
                largest = Math.Max(largest, TensorData.StoredBytes(tensor));
            }
            else if (index.Producer(name) is { } producer && !producer.Subgraphs().Any())
            {
                foreach (string input in producer.Input) waiting.Push(input);
            }
            else
            {
                return null;
            }
        }

        return (int)Math.Clamp(Math.Round(8.0 * largest / count), 1, 64);
    }
}
