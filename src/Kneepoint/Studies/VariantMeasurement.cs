using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>Runs a network's file as it would be deployed and measures everything that is known of a variant, each figure against the baseline.</summary>
/// <param name="subject">Baseline, data, metric and runtime.</param>
/// <param name="probe">What only the runtime can tell.</param>
/// <param name="settings">Threads, batch, seed and time; what concerns the search is not used.</param>
/// <param name="costOf">Counts the operations of a network.</param>
/// <param name="instructionSets">Of the machine, as <see cref="MachineDescription.InstructionSets"/> has them.</param>
/// <param name="onProgress">Called often; cheap.</param>
public sealed class VariantMeasurement(
    Subject subject, IVariantProbe probe, ExplorationSettings settings, Func<CompressedNetwork, VariantCost> costOf,
    IReadOnlyCollection<string> instructionSets, Action<ExplorationProgress> onProgress) : IDisposable
{
    const int FloatBits = 32;

    // More batches at once would take memory that nobody has counted.
    const int MostBatchesAtOnce = 8;

    // One thread for each batch, so that no sum depends on the cores of the machine; several batches at once.
    readonly SessionSettings _evaluation = new();
    INetworkSession? _baselineSession;
    SampleScores? _baselineScores;
    IReadOnlyDictionary<string, Tensor>? _inputs;

    /// <summary>The scores of the baseline, where an earlier run has measured it.</summary>
    public void UseBaselineScores(SampleScores scores) => _baselineScores = scores;

    /// <summary>Measures the baseline, which comes first, or a variant of it.</summary>
    /// <param name="file">The network's file.</param>
    /// <param name="network">The same network, with what is known of its layers.</param>
    /// <param name="isBaseline">Whether this is what the others are compared with.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    /// <param name="packedBytes">The bytes of its packed file; null where there is none.</param>
    /// <returns>Measured, or rejected where the runtime refuses the variant or its outputs are broken.</returns>
    /// <exception cref="OnnxModelException">The runtime refuses the baseline or fails on the samples.</exception>
    /// <exception cref="DataException">The samples do not fit.</exception>
    /// <exception cref="InvalidOperationException">A variant comes before the baseline.</exception>
    public TrialOutcome Of(string file, CompressedNetwork network, bool isBaseline, CancellationToken cancellation, long? packedBytes = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        SampleScores scores;
        Interval accuracy;
        var findings = network.Findings.ToBuilder();
        try
        {
            using var session = subject.Runtime.Open(file, _evaluation);
            if (!isBaseline && Compare(session, findings) is { } rejection) return new TrialOutcome.Rejected(rejection);
            scores = Evaluate(session, cancellation);
        }
        catch (OnnxModelException exception) when (!isBaseline)
        {
            return new TrialOutcome.Rejected($"The runtime refuses the variant: {exception.Message}");
        }

        try
        {
            accuracy = AccuracyFigure.Of(subject.Metric, scores, settings.Seed);
        }
        catch (DataException exception) when (!isBaseline)
        {
            // Of the same samples the baseline has a figure: F1 has none where nothing is a case of a class, nor taken for one.
            return new TrialOutcome.Rejected($"The variant's accuracy is no number: {exception.Message}");
        }

        if (isBaseline) _baselineScores = scores;
        if (_baselineScores is null) throw new InvalidOperationException("The baseline must be measured first.");
        var change = PairedChange.Of(subject.Metric, scores, _baselineScores, settings.Seed);

        var inputs = _inputs ??= LatencyInputs.Of(Baseline(), subject.Data, settings.Batch, cancellation);
        onProgress(new ExplorationProgress("memory", 0, 0));
        var activations = probe.ActivationPeak(file, inputs);
        var resident = probe.ResidentPeak(file, inputs, cancellation);
        var latency = Latency(file, inputs, cancellation);
        var treatments = Treatments(network, findings);
        var cost = costOf(network);
        var memory = new MemoryFigures(OnnxModel.FileBytes(file), packedBytes, cost.WeightBytes, activations.Bytes ?? 0, resident.Bytes);
        var timed = latency.Variants[0];
        findings.AddRange(activations.Findings);
        findings.AddRange(resident.Findings);
        findings.AddRange(latency.Findings);
        findings.AddRange(isBaseline
            ? BaselineFindings(scores, accuracy, change)
            : VariantFindings.Of(subject.Metric, scores, accuracy, change, memory, OnnxModel.FileBytes(subject.BaselineFile), timed));
        if (SaturationRisk.Of(network.Model, instructionSets) is { } risk) findings.Add(risk);
        var compute = new ComputeFigures(cost.Macs, cost.BitOps, timed.Milliseconds, timed.Ratio);
        var figures = new Measured(accuracy, change.Change, memory, compute, [.. findings.Distinct()]) { Layers = treatments, Labels = scores.Labels };
        return new TrialOutcome.Measured(figures, scores.ToBytes());
    }

    /// <inheritdoc/>
    public void Dispose() => _baselineSession?.Dispose();

    IEnumerable<Finding> BaselineFindings(SampleScores scores, Interval accuracy, PairedChange change)
    {
        Finding?[] findings = [NonFiniteOutputs.Of(scores), TooFewSamples.Of(subject.Metric, scores.Count, accuracy, change.Change)];
        return findings.OfType<Finding>();
    }

    LatencyReport Latency(string file, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation)
    {
        var deployed = new SessionSettings { Threads = settings.Threads };
        onProgress(new ExplorationProgress("latency", 0, 0));
        return new PairedLatency { Clock = probe.Clock, Threads = settings.Threads, TimePerVariant = settings.LatencyTime }.Measure(
            () => subject.Runtime.Open(subject.BaselineFile, deployed), [() => subject.Runtime.Open(file, deployed)], inputs, cancellation);
    }

    ImmutableArray<LayerTreatment> Treatments(CompressedNetwork network, ImmutableArray<Finding>.Builder findings)
    {
        if (network.Layers.IsEmpty) return [];
        var quantized = network.Layers.Where(layer => layer.ActivationBits < FloatBits / 2).ToList();
        var report = probe.Inspect(network.Model, [.. network.Layers.Select(layer => layer.Value)], [.. quantized.Select(layer => layer.Value)]);
        findings.AddRange(report.Findings);
        var fused = report.Layers.Zip(network.Layers).ToDictionary(pair => pair.Second.Layer, pair => pair.First.IsFused, StringComparer.Ordinal);
        return [.. network.Layers.Select(layer => new LayerTreatment(layer.Layer, layer.Method, layer.WeightBits, layer.ActivationBits,
            quantized.Contains(layer) ? fused[layer.Layer] : null))];
    }

    string? Compare(INetworkSession session, ImmutableArray<Finding>.Builder findings)
    {
        int size = FixedBatch.Of(session) ?? FixedBatch.Of(Baseline()) ?? settings.EvaluationBatch;
        var batch = subject.Data.Read(DataPart.Evaluate, size, size).First();
        var comparison = OutputComparison.Of(Outputs(session, batch), Outputs(Baseline(), batch), batch.Count);
        findings.AddRange(comparison.Findings);
        return comparison.Rejection;
    }

    static IReadOnlyDictionary<string, Tensor> Outputs(INetworkSession session, SampleBatch batch) =>
        FixedBatch.Of(session) is { } size && batch.Count < size ? FixedBatch.Run(session, batch, size) : session.Run(batch.Inputs);

    SampleScores Evaluate(INetworkSession session, CancellationToken cancellation)
    {
        long total = subject.Data.Count(DataPart.Evaluate);
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, Likelihood = subject.Likelihood, BatchSize = settings.EvaluationBatch, Parallelism = Math.Min(settings.EvaluationThreads, MostBatchesAtOnce) };
        return evaluation.Run(session, subject.Data, subject.Metric.NeedsBaseline ? Baseline() : null,
            done => onProgress(new ExplorationProgress("accuracy", done, total)), cancellation);
    }

    INetworkSession Baseline() => _baselineSession ??= subject.Runtime.Open(subject.BaselineFile, _evaluation);
}

/// <summary>Counts of a variant for one sample.</summary>
/// <param name="Macs">Multiply–accumulates.</param>
/// <param name="BitOps">Sum of MACs × weight bits × activation bits.</param>
/// <param name="WeightBytes">Initializers as stored.</param>
public readonly record struct VariantCost(long Macs, long BitOps, long WeightBytes);
