namespace Kneepoint.Data;

/// <summary>A data set as a description and a network make it.</summary>
sealed class Dataset : IDataset
{
    readonly DatasetPart _calibrate;
    readonly DatasetPart _evaluate;
    readonly int _fixedBatch;

    /// <summary>Joins the parts.</summary>
    /// <param name="calibrate">What calibrates.</param>
    /// <param name="evaluate">What evaluates.</param>
    /// <param name="fixedBatch">The batch that the network is fixed at; 0 if it is open.</param>
    public Dataset(DatasetPart calibrate, DatasetPart evaluate, int fixedBatch)
    {
        _calibrate = calibrate;
        _evaluate = evaluate;
        _fixedBatch = fixedBatch;
    }

    /// <inheritdoc/>
    public required string Metric { get; init; }

    /// <inheritdoc/>
    public string? Output { get; init; }

    /// <inheritdoc/>
    public double? Peak { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ContentHash { get; init; }

    /// <inheritdoc/>
    public long Count(DataPart part) => _fixedBatch > 1 ? Part(part).Count / _fixedBatch * _fixedBatch : Part(part).Count;

    /// <inheritdoc/>
    public IEnumerable<SampleBatch> Read(DataPart part, int batchSize, long limit = long.MaxValue, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int size = _fixedBatch > 0 ? _fixedBatch : batchSize;
        foreach (var input in Part(part).Plan.Inputs)
        {
            if ((long)size * input.FinishedBytes > Array.MaxLength)
            {
                throw new DataException($"A batch of {size} samples does not fit into memory: '{input.Name}' takes {input.FinishedBytes} bytes per sample. Use a smaller batch.");
            }
        }

        return Batches(Part(part), part, size, Math.Min(limit, Count(part)), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _calibrate.Source.Dispose();
        _evaluate.Source.Dispose();
    }

    DatasetPart Part(DataPart part) => part == DataPart.Calibrate ? _calibrate : _evaluate;

    IEnumerable<SampleBatch> Batches(DatasetPart samples, DataPart part, int batchSize, long limit, CancellationToken cancellation)
    {
        long left = _fixedBatch > 1 ? limit / batchSize * batchSize : limit;
        var batch = new BatchBuilder(samples.Plan.Inputs, samples.Plan.Target, part);
        foreach (var staged in samples.Read(left, cancellation))
        {
            for (int start = 0; start < staged.Count && left > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                if (batch.Capacity == 0) batch.Begin((int)Math.Min(batchSize, left));
                int taken = batch.Take(staged, start, samples.Source);
                start += taken;
                if (batch.Count < batch.Capacity) continue;
                left -= batch.Count;
                yield return batch.End();
            }

            if (left == 0) yield break;
        }
    }
}
