using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>Measures how far single-layer variants move the network's outputs on calibration samples; each result is kept in the study.</summary>
/// <remarks>One pass over a small subset for each variant. The evaluation samples are never looked at.</remarks>
public sealed class SensitivityPass(Subject subject, StudyCalibration calibration, IStudyStore store, ExplorationSettings settings) : IDisposable
{
    const int StoredBytes = 24;

    // More batches at once would take memory that nobody has counted.
    const int MostBatchesAtOnce = 8;

    // One thread for each batch, so that no sum depends on the cores of the machine; several batches at once.
    readonly SessionSettings _session = new();
    List<(SampleBatch Batch, IReadOnlyDictionary<string, Tensor> Outputs)>? _baseline;

    /// <summary>The divergence of a recipe's variant from the baseline on the calibration subset.</summary>
    /// <returns>An infinite loss where the recipe does not apply or the runtime refuses the variant.</returns>
    public Sensitivity Of(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        string key = $"sensitivity/{recipe.Id}";
        if (store.Get(key) is { Length: StoredBytes } stored) return Read(stored);
        var measured = Measure(recipe, onProgress, cancellation);
        store.Put(key, Write(measured));
        return measured;
    }

    /// <inheritdoc/>
    public void Dispose() => _baseline = null;

    Sensitivity Measure(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        try
        {
            var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(onProgress, cancellation));
            using var session = subject.Runtime.Open(network.Model, _session);
            var divergence = new OutputDivergence(subject.Metric.Name is "mse" or "psnr" || subject.Metric.Unit == "dB" ? DivergenceKind.Values : DivergenceKind.Classes);
            var baseline = Baseline(cancellation);
            var found = Outputs(session, [.. baseline.Select(known => known.Batch)], cancellation);
            for (int i = 0; i < found.Length; i++) divergence.Add(baseline[i].Outputs, found[i], baseline[i].Batch.Count);

            return divergence.Result();
        }
        catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException or ArgumentException)
        {
            return new Sensitivity(double.PositiveInfinity, 0, 0);
        }
    }

    List<(SampleBatch Batch, IReadOnlyDictionary<string, Tensor> Outputs)> Baseline(CancellationToken cancellation)
    {
        if (_baseline is not null) return _baseline;
        using var session = subject.Runtime.Open(subject.BaselineFile, _session);
        int batchSize = subject.BatchSize(settings.EvaluationBatch);
        var batches = new List<SampleBatch>();
        foreach (var batch in subject.Data.Read(DataPart.Calibrate, batchSize, subject.WholeBatches(settings.SensitivitySamples), cancellation))
        {
            if (batchSize == settings.EvaluationBatch || batch.Count == batchSize) batches.Add(batch);
        }

        return _baseline = [.. batches.Zip(Outputs(session, batches, cancellation))];
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

    static byte[] Write(Sensitivity measured)
    {
        byte[] bytes = new byte[StoredBytes];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, measured.Loss);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8), measured.StandardError);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), measured.Samples);
        return bytes;
    }

    static Sensitivity Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
}
