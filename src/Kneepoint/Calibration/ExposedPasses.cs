using System.Runtime.ExceptionServices;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>What a run gave out, or what was fed to it.</summary>
/// <param name="Piece">The samples.</param>
/// <param name="FirstSample">The number of the first of them, counted over the pass.</param>
/// <param name="Values">By name.</param>
readonly record struct ExposedRun(SampleBatch Piece, long FirstSample, IReadOnlyDictionary<string, Tensor> Values);

/// <summary>Passes over the samples that hand out intermediate values, no more of them at once than memory is meant for.</summary>
/// <remarks>Runs of several pieces go on at once, each on one thread; they are handed out in their order.</remarks>
sealed class ExposedPasses(ExposedSessions sessions, long runBytes, Action<CollectionProgress>? onProgress, CancellationToken cancellation, int threads = 1)
{
    // Full runs whose values may wait at once, whatever the threads.
    const int RunsInMemory = 4;

    /// <summary>Hands out all values.</summary>
    /// <param name="batches">Enumerated once for each pass.</param>
    /// <param name="made">Values that the network makes.</param>
    /// <param name="consume">Called for each run with the names of its pass.</param>
    /// <param name="onFed">Called in the first pass for each piece of the inputs; null if nobody wants them.</param>
    /// <returns>The number of samples.</returns>
    public long Run(IEnumerable<SampleBatch> batches, IReadOnlyList<string> made, Action<ExposedRun, List<string>> consume, Action<ExposedRun>? onFed)
    {
        using var first = batches.GetEnumerator();
        if (!first.MoveNext()) return 0;
        var plan = Plan(made, first.Current);
        long samples = Pass(first, plan[0], consume, onFed, new CollectionProgress(1, plan.Count, 0));
        for (int pass = 1; pass < plan.Count; pass++)
        {
            using var again = batches.GetEnumerator();
            if (again.MoveNext()) Pass(again, plan[pass], consume, null, new CollectionProgress(pass + 1, plan.Count, 0));
        }

        return samples;
    }

    List<PassPlan> Plan(IReadOnlyList<string> made, SampleBatch batch)
    {
        if (made.Count == 0) return [new PassPlan([], 0, 0)];
        long[] bytes = sessions.Bytes(made, batch, out bool canCut);
        var plan = new List<PassPlan>();
        var values = new List<string>();
        long inRun = 0;
        for (int i = 0; i < made.Count; i++)
        {
            long least = canCut ? bytes[i] / batch.Count : bytes[i];
            if (values.Count > 0 && inRun + least > runBytes)
            {
                plan.Add(new PassPlan(values, canCut ? inRun : 0, inRun));
                values = [];
                inRun = 0;
            }

            values.Add(made[i]);
            inRun += least;
        }

        plan.Add(new PassPlan(values, canCut ? inRun : 0, inRun));
        return plan;
    }

    long Pass(IEnumerator<SampleBatch> batches, PassPlan pass, Action<ExposedRun, List<string>> consume, Action<ExposedRun>? onFed, CollectionProgress progress)
    {
        using var session = pass.Values.Count > 0 ? sessions.Open(pass.Values) : null;
        var waiting = new List<(SampleBatch Piece, long First)>();
        long samples = 0;
        do
        {
            var batch = batches.Current;
            int rows = pass.SampleBytes == 0 ? batch.Count : (int)Math.Clamp(runBytes / pass.SampleBytes, 1, batch.Count);
            int atOnce = (int)Math.Clamp(RunsInMemory * runBytes / Math.Max(1, pass.SampleBytes == 0 ? pass.LeastBytes : pass.SampleBytes * rows), 1, threads);
            long first = samples;
            foreach (var piece in BatchPieces.Cut(batch, rows))
            {
                waiting.Add((piece, first));
                first += piece.Count;
                if (waiting.Count >= atOnce) HandOut();
            }

            samples += batch.Count;
            onProgress?.Invoke(progress with { Samples = samples });
        }
        while (batches.MoveNext());
        HandOut();
        return samples;

        void HandOut()
        {
            cancellation.ThrowIfCancellationRequested();
            var outputs = session is null ? null : RunAll(session, waiting);
            for (int i = 0; i < waiting.Count; i++)
            {
                var (piece, first) = waiting[i];
                onFed?.Invoke(new ExposedRun(piece, first, piece.Inputs));
                if (outputs is not null) consume(new ExposedRun(piece, first, outputs[i]), pass.Values);
            }

            waiting.Clear();
        }
    }

    static IReadOnlyDictionary<string, Tensor>[] RunAll(INetworkSession session, List<(SampleBatch Piece, long First)> pieces)
    {
        if (pieces.Count == 1) return [session.Run(pieces[0].Piece.Inputs)];
        var outputs = new IReadOnlyDictionary<string, Tensor>[pieces.Count];
        try
        {
            Parallel.For(0, pieces.Count, i => outputs[i] = session.Run(pieces[i].Piece.Inputs));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return outputs;
    }

    /// <summary>The values of one pass.</summary>
    /// <param name="Values">Exposed together.</param>
    /// <param name="SampleBytes">What they take for one sample; 0 where batches must stay whole.</param>
    /// <param name="LeastBytes">What they take in the smallest run.</param>
    sealed record PassPlan(List<string> Values, long SampleBytes, long LeastBytes);
}
