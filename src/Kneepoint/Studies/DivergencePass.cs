using System.Runtime.ExceptionServices;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>Measures how far networks' outputs are from the subject's on a few calibration samples.</summary>
/// <remarks>The evaluation samples are never looked at. The subject's own outputs are kept.</remarks>
sealed class DivergencePass(Subject subject, ExplorationSettings settings)
{
    // More batches at once would take memory that nobody has counted.
    const int MostBatchesAtOnce = 8;

    // One thread for each batch, so that no sum depends on the cores of the machine; several batches at once.
    readonly SessionSettings _session = new();
    readonly Lock _gate = new();
    readonly Dictionary<int, List<(SampleBatch Batch, IReadOnlyDictionary<string, Tensor> Outputs)>> _baselines = [];

    /// <summary>The divergence of a network.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses it.</exception>
    public Sensitivity Of(OnnxModel network, CancellationToken cancellation)
    {
        using var session = subject.Runtime.Open(network, _session);
        var divergence = new OutputDivergence(subject.Metric.Name is "mse" or "psnr" || subject.Metric.Unit == "dB" ? DivergenceKind.Values : DivergenceKind.Classes);

        // As the evaluation does it: at the batch that is deployed where outputs depend on it.
        var baseline = Baseline(subject.BatchSize(BatchMates.Matter(network) ? settings.Batch : settings.EvaluationBatch), cancellation);
        var found = Outputs(session, [.. baseline.Select(known => known.Batch)], cancellation);
        for (int i = 0; i < found.Length; i++) divergence.Add(baseline[i].Outputs, found[i], baseline[i].Batch.Count);
        return divergence.Result();
    }

    /// <summary>Forgets the subject's outputs.</summary>
    public void Forget() => _baselines.Clear();

    List<(SampleBatch Batch, IReadOnlyDictionary<string, Tensor> Outputs)> Baseline(int batchSize, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_baselines.TryGetValue(batchSize, out var known)) _baselines.Add(batchSize, known = Run(batchSize, cancellation));
            return known;
        }
    }

    List<(SampleBatch Batch, IReadOnlyDictionary<string, Tensor> Outputs)> Run(int batchSize, CancellationToken cancellation)
    {
        using var session = OpenSubject();
        var batches = new List<SampleBatch>();
        foreach (var batch in subject.Data.Read(DataPart.Calibrate, batchSize, subject.WholeBatches(settings.SensitivitySamples), cancellation))
        {
            if (subject.FixedBatchSize is null || batch.Count == batchSize) batches.Add(batch);
        }

        return [.. batches.Zip(Outputs(session, batches, cancellation))];
    }

    IReadOnlyDictionary<string, Tensor>[] Outputs(INetworkSession session, List<SampleBatch> batches, CancellationToken cancellation)
    {
        var outputs = new IReadOnlyDictionary<string, Tensor>[batches.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(settings.EvaluationThreads, MostBatchesAtOnce), CancellationToken = cancellation };
        try
        {
            Parallel.For(0, outputs.Length, parallel, i => outputs[i] = session.Run(batches[i].Inputs));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return outputs;
    }

    // A network made on the way has no file.
    INetworkSession OpenSubject() => subject.BaselineFile.Length > 0 ? subject.Runtime.Open(subject.BaselineFile, _session) : subject.Runtime.Open(subject.Baseline, _session);
}
