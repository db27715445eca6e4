using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Racing;
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
    /// <param name="entry">Where it may be given up early; null to see all samples.</param>
    /// <returns>Measured; rejected where the runtime refuses the variant or its outputs are broken; dropped where it lost its race.</returns>
    /// <exception cref="OnnxModelException">The runtime refuses the baseline or fails on the samples.</exception>
    /// <exception cref="DataException">The samples do not fit.</exception>
    /// <exception cref="InvalidOperationException">A variant comes before the baseline.</exception>
    public TrialOutcome Of(string file, CompressedNetwork network, bool isBaseline, CancellationToken cancellation, long? packedBytes = null, Rivals.Entry? entry = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var findings = network.Findings.ToBuilder();
        var costs = Costs(file, network, packedBytes, cancellation);
        Evaluated evaluated;
        try
        {
            using var session = subject.Runtime.Open(file, _evaluation);
            if (!isBaseline && Compare(session, findings) is { } rejection) return new TrialOutcome.Rejected(rejection);
            evaluated = Evaluate(session, network.Model, costs, entry, cancellation);
        }
        catch (OnnxModelException exception) when (!isBaseline)
        {
            return new TrialOutcome.Rejected($"The runtime refuses the variant: {exception.Message}");
        }

        if (evaluated.Dropped is { } dropped) return dropped;
        var scores = evaluated.Scores!;
        Interval accuracy;
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

        var memory = costs.Memory;
        var compute = costs.Compute;
        var treatments = Treatments(network, findings);
        findings.AddRange(costs.Activations.Findings);
        findings.AddRange(costs.Resident.Findings);
        findings.AddRange(costs.Latency.Findings);
        findings.AddRange(isBaseline
            ? BaselineFindings(scores, accuracy, change)
            : VariantFindings.Of(subject.Metric, scores, accuracy, change, memory, OnnxModel.FileBytes(subject.BaselineFile), costs.Latency.Variants[0]));
        if (SaturationRisk.Of(network.Model, instructionSets) is { } risk) findings.Add(risk);
        var figures = new Measured(accuracy, change.Change, memory, compute, [.. findings.Distinct()])
        {
            Layers = treatments,
            Labels = scores.Labels,
            Evaluations = evaluated.Evaluations,
        };
        return new TrialOutcome.Measured(figures, scores.ToBytes());
    }

    /// <inheritdoc/>
    public void Dispose() => _baselineSession?.Dispose();

    IEnumerable<Finding> BaselineFindings(SampleScores scores, Interval accuracy, PairedChange change)
    {
        Finding?[] findings = [NonFiniteOutputs.Of(scores), TooFewSamples.Of(subject.Metric, scores.Count, accuracy, change.Change)];
        return findings.OfType<Finding>();
    }

    VariantCosts Costs(string file, CompressedNetwork network, long? packedBytes, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, Tensor> Inputs(string stage)
        {
            _inputs ??= LatencyInputs.Of(Baseline(), subject.Data, settings.Batch, cancellation);
            onProgress(new ExplorationProgress(stage, 0, 0));
            return _inputs;
        }

        return new VariantCosts(OnnxModel.FileBytes(file), packedBytes, () => costOf(network), () => probe.ActivationPeak(file, Inputs("memory")),
            () => probe.ResidentPeak(file, Inputs("memory"), cancellation), () => Latency(file, Inputs("latency"), cancellation));
    }

    LatencyReport Latency(string file, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation)
    {
        var deployed = new SessionSettings { Threads = settings.Threads };
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

    Evaluated Evaluate(INetworkSession session, OnnxModel model, VariantCosts costs, Rivals.Entry? entry, CancellationToken cancellation)
    {
        long total = subject.Data.Count(DataPart.Evaluate);
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, Likelihood = subject.Likelihood, BatchSize = settings.EvaluationBatch, Parallelism = Math.Min(settings.EvaluationThreads, MostBatchesAtOnce) };
        var baseline = subject.Metric.NeedsBaseline ? Baseline() : null;
        void Show(long done) => onProgress(new ExplorationProgress("accuracy", done, total));
        // Where outputs depend on the batch, other batches would give other figures.
        var race = BatchMates.Matter(model) ? null : entry;
        if (race?.Rivals.Against(costs.Named(race.Rivals.CostNames)) is not { } rival)
        {
            var scores = evaluation.Run(session, subject.Data, baseline, Show, cancellation);
            return new Evaluated(scores, scores.Count, null);
        }

        var growing = new GrowingEvaluation(evaluation, session, subject.Data, baseline);
        var change = new Race { Rival = rival.Scores, Doubts = rival.Doubts, Right = race.Rivals.Right, Risk = settings.RacingRisk, Seed = race.Seed }
            .Run(growing, evaluation.BatchOf(session), Show, cancellation);
        if (change is not { } gain) return new Evaluated(growing.All(), growing.Evaluations, null);
        var signed = subject.Metric.IsMaximized ? gain : new Interval(-gain.Value, -gain.High, -gain.Low);
        return new Evaluated(null, growing.Evaluations, new TrialOutcome.Dropped(rival.Id, growing.Seen, total, signed, 1 - settings.RacingRisk, costs.Known()));
    }

    INetworkSession Baseline() => _baselineSession ??= subject.Runtime.Open(subject.BaselineFile, _evaluation);

    /// <summary>The scores of all samples, or how the race was lost.</summary>
    readonly record struct Evaluated(SampleScores? Scores, long Evaluations, TrialOutcome.Dropped? Dropped);
}

/// <summary>Counts of a variant for one sample.</summary>
/// <param name="Macs">Multiply–accumulates.</param>
/// <param name="BitOps">Sum of MACs × weight bits × activation bits.</param>
/// <param name="WeightBytes">Initializers as stored.</param>
public readonly record struct VariantCost(long Macs, long BitOps, long WeightBytes);
