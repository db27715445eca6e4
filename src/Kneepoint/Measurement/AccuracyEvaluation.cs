using System.Globalization;
using System.Runtime.InteropServices;
using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Runs a network over a part of the data and keeps the metric's scores of each sample.</summary>
/// <remarks>
/// Streams: memory is one batch with its outputs, and k floats for each sample. A metric that compares with the baseline runs both networks
/// side by side on each batch, so that no output is stored. A batch that is fixed in the graph is respected.
/// </remarks>
public sealed record AccuracyEvaluation
{
    /// <summary>What is scored.</summary>
    public required IMetric Metric { get; init; }

    /// <summary>Which samples.</summary>
    public DataPart Part { get; init; } = DataPart.Evaluate;

    /// <summary>Samples of a run, at least 1; not used where the network's batch is fixed. Changes no figure but the wall time.</summary>
    public int BatchSize
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The batch size must be at least 1.");
    } = 32;

    /// <summary>Samples at most, at least 1, in the data's order.</summary>
    public long Limit
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The limit must be at least 1.");
    } = long.MaxValue;

    /// <summary>Scores a network.</summary>
    /// <param name="session">The network.</param>
    /// <param name="data">The samples.</param>
    /// <param name="baseline">What the network is compared with if the metric needs that; null to compare it with itself.</param>
    /// <param name="progress">Called with the number of samples done, once for each batch.</param>
    /// <param name="cancellation">Ends the evaluation between two batches.</param>
    /// <exception cref="DataException">The part is empty, or its samples or targets do not fit the metric or the network.</exception>
    /// <exception cref="OnnxModelException">The network fails on the samples.</exception>
    public SampleScores Run(INetworkSession session, IDataset data, INetworkSession? baseline = null, Action<long>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(data);
        int? fixedBatch = FixedBatch.Of(session);
        int k = Metric.ScoresPerSample;
        var scores = new List<float>();
        int nonFinite = 0;
        long done = 0;
        foreach (var read in data.Read(Part, fixedBatch ?? BatchSize, Limit, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (read.Count < 1) continue;
            var batch = read with { First = done };
            int start = Grow(scores, batch.Count, k);
            var outputs = Outputs(session, batch, fixedBatch);
            var wanted = !Metric.NeedsBaseline ? null : baseline is null ? outputs : Outputs(baseline, batch, FixedBatch.Of(baseline));
            Metric.Score(outputs, batch, wanted, CollectionsMarshal.AsSpan(scores)[start..]);
            nonFinite += NonFinite.CountSamples(outputs, batch.Count);
            done += batch.Count;
            progress?.Invoke(done);
        }

        if (done == 0) throw new DataException($"The part '{Part}' of the data has no samples.");
        return new SampleScores([.. scores], k) { NonFiniteSamples = nonFinite };
    }

    static int Grow(List<float> scores, int samples, int k)
    {
        int start = scores.Count;
        long wanted = start + (long)samples * k;
        if (wanted > Array.MaxLength)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"The data has more samples than can be scored at once: {Array.MaxLength / k} at {k} scores each; set a limit."));
        }

        CollectionsMarshal.SetCount(scores, (int)wanted);
        return start;
    }

    static IReadOnlyDictionary<string, Tensor> Outputs(INetworkSession session, SampleBatch batch, int? fixedBatch)
    {
        if (fixedBatch is not { } size || batch.Count == size) return session.Run(batch.Inputs);
        if (batch.Count < size) return FixedBatch.Run(session, batch, size);
        throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"The network takes batches of {size} samples, the data came in batches of {batch.Count}."));
    }
}
