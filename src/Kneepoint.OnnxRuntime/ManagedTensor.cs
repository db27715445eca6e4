using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Kneepoint.OnnxRuntime;

/// <summary>Copies what ONNX Runtime gives into managed memory.</summary>
static unsafe class ManagedTensor
{
    /// <summary>A managed copy of a value.</summary>
    /// <param name="name">The value's name, for messages.</param>
    /// <param name="value">A dense tensor of numbers.</param>
    /// <exception cref="OnnxModelException">The value is no dense tensor of numbers, or has more than 2^31 bytes.</exception>
    public static Tensor CopyOf(string name, OrtValue value)
    {
        if (!value.IsTensor) throw new OnnxModelException($"Output '{name}' is a {KindOf(value.OnnxType)}: only dense tensors can be read.");
        var information = value.GetTensorTypeAndShape();
        var type = NumericType(name, information.ElementDataType);
        long[] dimensions = information.Shape;
        long byteCount = Tensor.ByteCount(type, dimensions);
        if (byteCount > Array.MaxLength)
        {
            throw new OnnxModelException($"Output '{name}' has {byteCount} bytes: at most {Array.MaxLength} fit. Use a smaller batch.");
        }

        byte[] copy = GC.AllocateUninitializedArray<byte>((int)byteCount);
        // The raw span of the binding is sized in elements for packed 4-bit types, so the length comes from us.
        if (byteCount > 0)
        {
            fixed (byte* source = value.GetTensorMutableRawData()) new ReadOnlySpan<byte>(source, copy.Length).CopyTo(copy);
        }

        return new Tensor(type, dimensions, copy);
    }

    /// <summary>The element type as the library has it.</summary>
    /// <exception cref="OnnxModelException">The library has no such type, or it is text.</exception>
    public static ElementType NumericType(string name, TensorElementType type)
    {
        // Both enumerations take their numbers from the ONNX format.
        var own = (ElementType)(int)type;
        if (own == ElementType.String) throw new OnnxModelException($"Value '{name}' holds text: only numbers can be read.");
        return Enum.IsDefined(own) && Tensor.Bits(own) > 0
            ? own
            : throw new OnnxModelException($"Value '{name}' holds elements of type {type}, which are not supported.");
    }

    /// <summary>A word for a kind of value: "sequence".</summary>
    public static string KindOf(OnnxValueType kind) => kind switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE => "sequence",
        OnnxValueType.ONNX_TYPE_MAP => "map",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "optional value",
        OnnxValueType.ONNX_TYPE_SPARSETENSOR => "sparse tensor",
        OnnxValueType.ONNX_TYPE_OPAQUE => "opaque value",
        _ => "value without a type",
    };
}
