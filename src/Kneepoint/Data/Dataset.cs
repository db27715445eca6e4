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
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int size = BatchSize(part, batchSize);
        limit = Math.Min(limit, Count(part));
        long whole = _fixedBatch > 1 ? limit / size * size : limit;
        return Batches(Part(part), part, size, whole, Part(part).Read(whole, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public IEnumerable<SampleBatch> ReadAt(DataPart part, IReadOnlyList<long> places, int batchSize, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        for (int i = 0; i < places.Count; i++)
        {
            if (places[i] >= Count(part) || places[i] <= (i == 0 ? -1 : places[i - 1]))
            {
                throw new ArgumentException($"Expected places from 0 to {Count(part) - 1} in ascending order, found {places[i]} as number {i}.", nameof(places));
            }
        }

        return Batches(Part(part), part, BatchSize(part, batchSize), places.Count, Part(part).ReadAt(places, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _calibrate.Source.Dispose();
        _evaluate.Source.Dispose();
    }

    DatasetPart Part(DataPart part) => part == DataPart.Calibrate ? _calibrate : _evaluate;

    int BatchSize(DataPart part, int wished)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wished, 1);
        int size = _fixedBatch > 0 ? _fixedBatch : wished;
        foreach (var input in Part(part).Plan.Inputs)
        {
            if ((long)size * input.FinishedBytes > Array.MaxLength)
            {
                throw new DataException($"A batch of {size} samples does not fit into memory: '{input.Name}' takes {input.FinishedBytes} bytes per sample. Use a smaller batch.");
            }
        }

        return size;
    }

    static IEnumerable<SampleBatch> Batches(DatasetPart samples, DataPart part, int batchSize, long count, IEnumerable<StagedRun> runs, CancellationToken cancellation)
    {
        long left = count;
        var batch = new BatchBuilder(samples.Plan.Inputs, samples.Plan.Target, part);
        foreach (var run in runs)
        {
            for (int taken = 0; taken < run.Count && left > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                if (batch.Capacity == 0) batch.Begin((int)Math.Min(batchSize, left));
                taken += batch.Take(run.Staged, run.Start + taken, run.Count - taken, samples.Source);
                if (batch.Count < batch.Capacity) continue;
                left -= batch.Count;
                yield return batch.End();
            }

            if (left == 0) yield break;
        }
    }
}
