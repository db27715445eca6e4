using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>Cuts batches into smaller ones without copying.</summary>
static class BatchPieces
{
    /// <summary>Whether a network can run a part of a batch: every input's first dimension is the samples, and its size is free.</summary>
    public static bool CanCut(SampleBatch batch, IReadOnlyList<ValueSignature> inputs) => inputs.All(input =>
        input.Dimensions.Count > 0 && input.Dimensions[0] < 0
        && batch.Inputs.TryGetValue(input.Name, out var tensor)
        && tensor.Dimensions.Count > 0 && tensor.Dimensions[0] == batch.Count
        && Tensor.Bits(tensor.ElementType) >= 8);

    /// <summary>The batch in pieces of so many samples; the last may be smaller.</summary>
    public static IEnumerable<SampleBatch> Cut(SampleBatch batch, int rows)
    {
        if (rows >= batch.Count)
        {
            yield return batch;
            yield break;
        }

        for (int begin = 0; begin < batch.Count; begin += rows)
        {
            int count = Math.Min(rows, batch.Count - begin);
            yield return new SampleBatch(batch.Inputs.ToDictionary(input => input.Key, input => Rows(input.Value, begin, count)), null, count);
        }
    }

    static Tensor Rows(Tensor tensor, int begin, int count)
    {
        int rowBytes = tensor.Bytes.Length / (int)tensor.Dimensions[0];
        return new Tensor(tensor.ElementType, [count, .. tensor.Dimensions.Skip(1)], tensor.Bytes.Slice(begin * rowBytes, count * rowBytes));
    }
}
