using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>Passes over the samples that count the values of each run into the histograms.</summary>
sealed class CountingPasses(ExposedSessions sessions, CollectionSettings settings, Dictionary<string, ActivationHistogram> histograms,
    Action<CollectionProgress>? onProgress, CancellationToken cancellation)
{
    /// <summary>Counts all values.</summary>
    /// <param name="batches">Enumerated once for each pass.</param>
    /// <param name="made">Values that the network makes.</param>
    /// <param name="fed">Values that it is fed.</param>
    /// <returns>The number of samples.</returns>
    public long Run(IEnumerable<SampleBatch> batches, IReadOnlyList<string> made, IReadOnlyList<string> fed)
    {
        using var first = batches.GetEnumerator();
        if (!first.MoveNext()) return 0;
        var plan = Plan(made, first.Current);
        long samples = Pass(first, plan[0], fed, new CollectionProgress(1, plan.Count, 0));
        for (int pass = 1; pass < plan.Count; pass++)
        {
            using var again = batches.GetEnumerator();
            if (again.MoveNext()) Pass(again, plan[pass], [], new CollectionProgress(pass + 1, plan.Count, 0));
        }

        return samples;
    }

    List<PassPlan> Plan(IReadOnlyList<string> made, SampleBatch batch)
    {
        if (made.Count == 0) return [new PassPlan([], 0)];
        long[] bytes = sessions.Bytes(made, batch, out bool canCut);
        var plan = new List<PassPlan>();
        var values = new List<string>();
        long inRun = 0;
        for (int i = 0; i < made.Count; i++)
        {
            long least = canCut ? bytes[i] / batch.Count : bytes[i];
            if (values.Count > 0 && inRun + least > settings.RunBytes)
            {
                plan.Add(new PassPlan(values, canCut ? inRun : 0));
                values = [];
                inRun = 0;
            }

            values.Add(made[i]);
            inRun += least;
        }

        plan.Add(new PassPlan(values, canCut ? inRun : 0));
        return plan;
    }

    long Pass(IEnumerator<SampleBatch> batches, PassPlan pass, IReadOnlyList<string> fed, CollectionProgress progress)
    {
        using var session = pass.Values.Count > 0 ? sessions.Open(pass.Values) : null;
        long samples = 0;
        do
        {
            var batch = batches.Current;
            int rows = pass.SampleBytes == 0 ? batch.Count : (int)Math.Clamp(settings.RunBytes / pass.SampleBytes, 1, batch.Count);
            foreach (var piece in BatchPieces.Cut(batch, rows))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (string name in fed) Count(name, piece.Inputs[name]);
                if (session is not null) CountAll(session.Run(piece.Inputs), pass.Values);
            }

            samples += batch.Count;
            onProgress?.Invoke(progress with { Samples = samples });
        }
        while (batches.MoveNext());
        return samples;
    }

    // Each value has its own histogram, so threads change nothing.
    void CountAll(IReadOnlyDictionary<string, Tensor> outputs, List<string> values)
    {
        if (settings.Threads == 1) values.ForEach(value => Count(value, outputs[value]));
        else Parallel.ForEach(values, new ParallelOptions { MaxDegreeOfParallelism = settings.Threads }, value => Count(value, outputs[value]));
    }

    void Count(string value, Tensor tensor) => histograms[value].Add(tensor.ElementType == ElementType.Float32
        ? tensor.Values<float>()
        : TensorData.ToFloat32(tensor));

    /// <summary>The values of one pass.</summary>
    /// <param name="Values">Exposed together.</param>
    /// <param name="SampleBytes">What they take for one sample; 0 where batches must stay whole.</param>
    sealed record PassPlan(List<string> Values, long SampleBytes);
}
