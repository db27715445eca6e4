using Kneepoint.Data.Formats;
using Kneepoint.Data.Preprocessing;
using Kneepoint.Tensors;

namespace Kneepoint.Data;

/// <summary>Fills the tensors of a batch from staged samples.</summary>
sealed class BatchBuilder(IReadOnlyList<InputPlan> inputs, TargetPlan? target, DataPart part)
{
    byte[][] _inputs = [];
    byte[] _targets = [];
    long _first;

    /// <summary>The samples of the batch; 0 between batches.</summary>
    public int Capacity { get; private set; }

    /// <summary>The samples so far.</summary>
    public int Count { get; private set; }

    /// <summary>Starts a batch.</summary>
    public void Begin(int capacity)
    {
        Capacity = capacity;
        Count = 0;
        _inputs = [.. inputs.Select(input => new byte[input.FinishedBytes * (input.BatchAxis < 0 ? 1 : capacity)])];
        _targets = new byte[(target?.Bytes ?? 0) * capacity];
    }

    /// <summary>Takes as many samples as are given and as fit.</summary>
    /// <returns>The number taken.</returns>
    /// <exception cref="DataException">A value does not fit the network's type.</exception>
    public int Take(StagedSamples staged, int start, int given, ISampleSource source)
    {
        int count = Math.Min(given, Capacity - Count);
        var indices = staged.Indices.AsSpan(start, count);
        for (int i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            int at = input.BatchAxis < 0 ? 0 : Count * input.FinishedBytes;
            int bytes = input.FinishedBytes * (input.BatchAxis < 0 ? 1 : count);
            try
            {
                input.Finish(staged.Input(i, start, count), part, indices, _inputs[i].AsSpan(at, bytes));
            }
            catch (DataException exception)
            {
                throw new DataException($"{source.Place(indices[0])}{(count > 1 ? " or one soon after it" : "")}, input '{input.Name}': {exception.Message.TrimEnd('.')}.", exception);
            }
        }

        if (target is not null) staged.Target(start, count).CopyTo(_targets.AsSpan(Count * target.Bytes));
        Count += count;
        return count;
    }

    /// <summary>Ends the batch.</summary>
    public SampleBatch End()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Count; i++) tensors[inputs[i].Name] = Join(inputs[i], _inputs[i]);
        var targets = target is null ? null : new Tensor(target.ElementType, [Count, .. target.Dimensions], _targets);
        var batch = new SampleBatch(tensors, targets, Count, _first);
        _first += Count;
        Capacity = 0;
        return batch;
    }

    Tensor Join(InputPlan input, byte[] bytes)
    {
        long[] dimensions = input.BatchDimensions(Count);
        if (input.BatchAxis <= 0) return new Tensor(input.ElementType, dimensions, bytes);

        // Samples lie one after the other; where the batch is an inner axis they are woven together.
        int inner = checked((int)Tensor.ByteCount(input.ElementType, input.Dimensions.AsSpan(input.BatchAxis)));
        int outer = input.FinishedBytes / Math.Max(inner, 1);
        byte[] woven = new byte[bytes.Length];
        for (int sample = 0; sample < Count; sample++)
        {
            for (int block = 0; block < outer; block++)
            {
                bytes.AsSpan(sample * input.FinishedBytes + block * inner, inner).CopyTo(woven.AsSpan((block * Count + sample) * inner));
            }
        }

        return new Tensor(input.ElementType, dimensions, woven);
    }
}
