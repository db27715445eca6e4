using Kneepoint.Calibration;
using Kneepoint.Data;

namespace Kneepoint.Studies;

/// <summary>Activation statistics of the calibration samples, collected when first needed and kept.</summary>
public sealed class RangeSource(Subject subject, INamedBytes store, ExplorationSettings settings)
{
    const string Key = "activation-statistics";
    readonly Lock _gate = new();
    ActivationStatistics? _statistics;

    /// <summary>Statistics of at least these values; null if none are asked for.</summary>
    /// <param name="values">Values of the network's graph.</param>
    /// <param name="onProgress">Called with the number of samples done.</param>
    /// <param name="cancellation">Ends the collection.</param>
    public ActivationStatistics? Of(IReadOnlyCollection<string> values, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        if (values.Count == 0) return null;

        // Who else needs them waits, and finds them.
        lock (_gate) return Within(values, onProgress, cancellation);
    }

    ActivationStatistics Within(IReadOnlyCollection<string> values, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        _statistics ??= store.Get(Key) is { } stored ? ActivationStatistics.FromBytes(stored) : null;
        var known = _statistics;
        var missing = values.Where(value => known is null || (!known.Contains(value) && !known.NotCollected.Any(skipped => skipped.Name == value))).ToList();
        if (known is not null && missing.Count == 0) return known;
        var batches = subject.Data.Read(DataPart.Calibrate, subject.BatchSize(settings.EvaluationBatch), subject.WholeBatches(settings.RangeSamples), cancellation);
        long total = Math.Min(subject.WholeBatches(settings.RangeSamples), subject.Data.Count(DataPart.Calibrate));
        var collected = ActivationCollector.Collect(subject.Runtime, subject.Baseline, batches, missing,
            new CollectionSettings { Threads = settings.EvaluationThreads }, at => onProgress(new ExplorationProgress("activation ranges", at.Samples, total)), cancellation);
        _statistics = known is null ? collected : known.Merge(collected, collected.SampleCount);
        store.Put(Key, _statistics.ToBytes());
        return _statistics;
    }
}
