using System.Runtime.InteropServices;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Kneepoint.OnnxRuntime;

/// <summary>A tensor in native memory that ONNX Runtime reads or writes in place.</summary>
/// <remarks>Aligned to <see cref="AlignmentBytes"/>, so that times do not depend on where the collector happened to put an array.</remarks>
sealed unsafe class NativeTensor : IDisposable
{
    const int AlignmentBytes = 64;
    readonly long _byteCount;
    void* _memory;

    /// <summary>Allocates a tensor of zeros.</summary>
    public NativeTensor(ElementType elementType, long[] dimensions)
    {
        _byteCount = Tensor.ByteCount(elementType, dimensions);
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(_byteCount, 1), AlignmentBytes);
        NativeMemory.Clear(_memory, (nuint)_byteCount);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)elementType, dimensions,
            (nint)_memory, _byteCount);
    }

    /// <summary>The runtime's view of the memory; disposed with this.</summary>
    public OrtValue Value { get; }

    /// <summary>Allocates a copy of a tensor.</summary>
    public static NativeTensor Of(Tensor tensor)
    {
        var copy = new NativeTensor(tensor.ElementType, [.. tensor.Dimensions]);
        tensor.Bytes.Span.CopyTo(new Span<byte>(copy._memory, (int)copy._byteCount));
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_memory is null) return;
        Value.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
