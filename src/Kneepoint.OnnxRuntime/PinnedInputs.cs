using System.Buffers;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Kneepoint.OnnxRuntime;

/// <summary>Managed tensors held in place while the runtime reads them, without a copy.</summary>
sealed unsafe class PinnedInputs : IDisposable
{
    // What an empty tensor points to: the runtime wants an address even where there is nothing to read.
    static readonly byte[] Nothing = GC.AllocateArray<byte>(64, pinned: true);

    readonly List<MemoryHandle> _handles = [];
    readonly List<OrtValue> _values = [];

    /// <summary>Pins the tensors of the names, in their order.</summary>
    public PinnedInputs(IReadOnlyList<string> names, IReadOnlyDictionary<string, Tensor> tensors)
    {
        try
        {
            foreach (string name in names) Add(tensors[name]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>One value for each name.</summary>
    public IReadOnlyList<OrtValue> Values => _values;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _values) value.Dispose();
        foreach (var handle in _handles) handle.Dispose();
        _values.Clear();
        _handles.Clear();
    }

    void Add(Tensor tensor)
    {
        var handle = tensor.Bytes.IsEmpty ? Nothing.AsMemory().Pin() : tensor.Bytes.Pin();
        _handles.Add(handle);
        _values.Add(OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.ElementType,
            [.. tensor.Dimensions], (nint)handle.Pointer, tensor.Bytes.Length));
    }
}
