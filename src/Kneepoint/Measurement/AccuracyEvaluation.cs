using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Runs a network over a part of the data and keeps the metric's scores of each sample.</summary>
/// <remarks>
/// Streams: memory is one batch with its outputs for each of <see cref="Parallelism"/> threads, and k floats for each sample. A metric that compares with the baseline runs both networks
/// side by side on each batch, so that no output is stored. A batch that is fixed in the graph is respected.
/// </remarks>
public sealed record AccuracyEvaluation
{
    /// <summary>What is scored.</summary>
    public required IMetric Metric { get; init; }

    /// <summary>What the labels cost under the network, measured on the side; null where there are no labels of classes.</summary>
    public NegativeLogLikelihood? Likelihood { get; init; }

    /// <summary>Which samples.</summary>
    public DataPart Part { get; init; } = DataPart.Evaluate;

    /// <summary>Samples of a run, at least 1; not used where the network's batch is fixed. Changes no figure but the wall time, save where a network takes ranges from its batch (<see cref="AsDeployed"/>).</summary>
    public int BatchSize
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The batch size must be at least 1.");
    } = 32;

    /// <summary>Batches that are run at the same time, at least 1, each on a thread of its own. Changes no figure but the wall time.</summary>
    /// <remarks>Faster than threads within an operator, of which small networks gain little, and the order of every sum stays that of one thread.</remarks>
    public int Parallelism
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The parallelism must be at least 1.");
    } = 1;

    /// <summary>Samples at most, at least 1, in the data's order.</summary>
    public long Limit
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The limit must be at least 1.");
    } = long.MaxValue;

    /// <summary>The evaluation of a network that is deployed at a batch: where what it says of a sample depends on the others of the batch, it is run at that batch, so that the figure is that of the deployed network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">At least 1.</param>
    public AccuracyEvaluation AsDeployed(OnnxModel model, int batch) => BatchMates.Matter(model) ? this with { BatchSize = batch } : this;

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
        var pieces = Pieces(session, data.Read(Part, BatchOf(session), Limit, cancellation), baseline, progress, cancellation);
        if (pieces.Count == 0) throw new DataException($"The part '{Part}' of the data has no samples.");
        return Join(pieces);
    }

    /// <summary>Samples of a run of a network.</summary>
    internal int BatchOf(INetworkSession session) => FixedBatch.Of(session) ?? BatchSize;

    /// <summary>Scores batches; the pieces come in any order.</summary>
    internal List<ScoredBatch> Pieces(INetworkSession session, IEnumerable<SampleBatch> given, INetworkSession? baseline, Action<long>? progress, CancellationToken cancellation)
    {
        int? fixedBatch = FixedBatch.Of(session);
        var pieces = new List<ScoredBatch>();
        Lock gate = new();
        long done = 0;

        void Score(SampleBatch batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = ScoreOf(session, baseline, batch, fixedBatch);
            lock (gate)
            {
                pieces.Add(piece);
                done += batch.Count;
                progress?.Invoke(done);
            }
        }

        var batches = Numbered(given);
        if (Parallelism == 1)
        {
            foreach (var batch in batches) Score(batch);
        }
        else
        {
            ForEach(batches, Score);
        }

        return pieces;
    }

    /// <summary>Runs all batches; of several failures the one on the first of them is thrown, as without threads.</summary>
    void ForEach(IEnumerable<SampleBatch> batches, Action<SampleBatch> score)
    {
        (long First, Exception Exception)? failure = null;
        Lock gate = new();
        // A worker takes the next batch only when it is free: no more than one for each waits in memory.
        var one = Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering);
        try
        {
            Parallel.ForEach(one, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, (batch, state) =>
            {
                try
                {
                    score(batch);
                }
                catch (Exception exception)
                {
                    // Batches before this one are in hand or done, so that the first failure is always seen.
                    lock (gate)
                    {
                        if (failure is null || batch.First < failure.Value.First) failure = (batch.First, exception);
                    }

                    state.Stop();
                }
            });
        }
        catch (AggregateException exception)
        {
            // What the data throw while they are read.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        if (failure is { } first) ExceptionDispatchInfo.Throw(first.Exception);
    }

    ScoredBatch ScoreOf(INetworkSession session, INetworkSession? baseline, SampleBatch batch, int? fixedBatch)
    {
        float[] scores = new float[batch.Count * Metric.ScoresPerSample];
        var outputs = Outputs(session, batch, fixedBatch);
        var wanted = !Metric.NeedsBaseline ? null : baseline is null ? outputs : Outputs(baseline, batch, FixedBatch.Of(baseline));
        Metric.Score(outputs, batch, wanted, scores);
        float[]? labels = Likelihood is null ? null : new float[batch.Count * Likelihood.ScoresPerSample];
        Likelihood?.Score(outputs, batch, null, labels);
        return new ScoredBatch(batch.First, scores, NonFinite.InSamples(outputs, batch.Count), labels);
    }

    static IEnumerable<SampleBatch> Numbered(IEnumerable<SampleBatch> batches)
    {
        long first = 0;
        foreach (var batch in batches)
        {
            if (batch.Count < 1) continue;
            yield return batch with { First = first };
            first += batch.Count;
        }
    }

    SampleScores Join(List<ScoredBatch> pieces)
    {
        int k = Metric.ScoresPerSample;
        long count = pieces.Sum(piece => (long)piece.Scores.Length);
        if (count > Array.MaxLength)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"The data has more samples than can be scored at once: {Array.MaxLength / k} at {k} scores each; set a limit."));
        }

        float[] scores = new float[count];
        foreach (var piece in pieces) piece.Scores.CopyTo(scores, piece.First * k);
        return new SampleScores(scores, k)
        {
            NonFiniteSamples = pieces.Sum(piece => piece.IsNonFinite.Count(isBad => isBad)),
            Labels = Likelihood is null ? null : LabelCost.Sum(pieces.OrderBy(piece => piece.First).Select(piece => LabelCost.Of(piece.LabelScores))),
        };
    }

    static IReadOnlyDictionary<string, Tensor> Outputs(INetworkSession session, SampleBatch batch, int? fixedBatch)
    {
        if (fixedBatch is not { } size || batch.Count == size) return session.Run(batch.Inputs);
        if (batch.Count < size) return FixedBatch.Run(session, batch, size);
        throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"The network takes batches of {size} samples, the data came in batches of {batch.Count}."));
    }
}

/// <summary>What is known of the samples of one batch.</summary>
/// <param name="First">The first sample's number among those that were asked for, from 0.</param>
/// <param name="Scores">[samples, k].</param>
/// <param name="IsNonFinite">By sample: whether its outputs hold a NaN or an infinity.</param>
/// <param name="LabelScores">[samples, 2], what the labels cost; null where that is not looked at.</param>
readonly record struct ScoredBatch(long First, float[] Scores, bool[] IsNonFinite, float[]? LabelScores);
