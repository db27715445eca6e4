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
    readonly Lock _gate = new();
    readonly JointProgress _accuracyProgress = new("accuracy", onProgress);
    INetworkSession? _baselineSession;
    SampleScores? _baselineScores;
    Interval? _baselineMilliseconds;
    IReadOnlyDictionary<string, Tensor>? _inputs;

    /// <summary>What an earlier run has measured of the baseline.</summary>
    /// <param name="scores">Its scores.</param>
    /// <param name="milliseconds">Its time; null where it has none.</param>
    public void UseBaseline(SampleScores scores, Interval? milliseconds = null) => (_baselineScores, _baselineMilliseconds) = (scores, milliseconds);

    /// <summary>Measures the baseline, which comes first, or a variant of it, alone.</summary>
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
    public TrialOutcome Of(string file, CompressedNetwork network, bool isBaseline, CancellationToken cancellation, long? packedBytes = null, Rivals.Entry? entry = null) =>
        Complete(Score(file, network, isBaseline, settings.EvaluationThreads, cancellation, packedBytes, entry));

    /// <summary>Does of <see cref="Of"/> what is not timed; several variants may be scored at once. What a race needs to know is measured here.</summary>
    /// <inheritdoc cref="Of"/>
    public ScoredVariant Score(string file, CompressedNetwork network, bool isBaseline, int threads, CancellationToken cancellation, long? packedBytes = null, Rivals.Entry? entry = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var scored = new ScoredVariant(network, isBaseline, Costs(file, network, packedBytes, cancellation));
        try
        {
            using var session = subject.Runtime.Open(file, _evaluation);
            if (!isBaseline && Compare(session, scored.Findings) is { } rejection) return scored.End(new TrialOutcome.Rejected(rejection));
            Evaluate(session, scored, threads, entry, cancellation);
        }
        catch (OnnxModelException exception) when (!isBaseline)
        {
            return scored.End(new TrialOutcome.Rejected($"The runtime refuses the variant: {exception.Message}"));
        }

        if (scored.IsOver) return scored;
        try
        {
            scored.Accuracy = AccuracyFigure.Of(subject.Metric, scored.Scores!, settings.Seed);
        }
        catch (DataException exception) when (!isBaseline)
        {
            // Of the same samples the baseline has a figure: F1 has none where nothing is a case of a class, nor taken for one.
            return scored.End(new TrialOutcome.Rejected($"The variant's accuracy is no number: {exception.Message}"));
        }

        if (isBaseline) _baselineScores = scored.Scores;
        if (_baselineScores is null) throw new InvalidOperationException("The baseline must be measured first.");
        scored.Change = PairedChange.Of(subject.Metric, scored.Scores!, _baselineScores, settings.Seed);
        return scored;
    }

    /// <summary>Measures time and memory of a variant that was scored; nothing else should run meanwhile.</summary>
    public TrialOutcome Complete(ScoredVariant scored)
    {
        ArgumentNullException.ThrowIfNull(scored);
        if (scored.Outcome is { } outcome) return outcome;
        var (network, costs, scores, findings) = (scored.Network, scored.Costs, scored.Scores!, scored.Findings);
        var memory = costs.Memory;
        var compute = costs.Compute;
        if (scored.IsBaseline) _baselineMilliseconds = compute.LatencyMilliseconds;
        var treatments = Treatments(network, findings);
        findings.AddRange(costs.Activations.Findings);
        findings.AddRange(costs.Resident.Findings);
        findings.AddRange(costs.Latency.Findings);
        findings.AddRange(scored.IsBaseline
            ? BaselineFindings(scores, scored.Accuracy, scored.Change!)
            : VariantFindings.Of(subject.Metric, scores, scored.Accuracy, scored.Change!, memory, OnnxModel.FileBytes(subject.BaselineFile), costs.Latency.Variants[0]));
        if (SaturationRisk.Of(network.Model, instructionSets) is { } risk) findings.Add(risk);
        var figures = new Measured(scored.Accuracy, scored.Change!.Change, memory, compute, [.. findings.Distinct()])
        {
            Layers = treatments,
            Labels = scores.Labels,
            Evaluations = scored.Evaluations,
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
        var report = new PairedLatency { Clock = probe.Clock, Threads = settings.Threads, TimePerVariant = settings.LatencyTime }.Measure(
            () => subject.Runtime.Open(subject.BaselineFile, deployed), [() => subject.Runtime.Open(file, deployed)], inputs, cancellation);

        // A machine's pace changes between trials, and with it all milliseconds but no ratio: what is compared is taken at the pace of the baseline's own trial.
        if (_baselineMilliseconds is not { Value: var pace }) return report;
        return report with { Variants = [.. report.Variants.Select(variant => variant with { Milliseconds = new Interval(pace * variant.Ratio.Value, pace * variant.Ratio.Low, pace * variant.Ratio.High) })] };
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

    void Evaluate(INetworkSession session, ScoredVariant scored, int threads, Rivals.Entry? entry, CancellationToken cancellation)
    {
        var model = scored.Network.Model;
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, Likelihood = subject.Likelihood, BatchSize = settings.EvaluationBatch, Parallelism = Math.Min(threads, MostBatchesAtOnce) }.AsDeployed(model, settings.Batch);
        var baseline = subject.Metric.NeedsBaseline ? Baseline() : null;
        long total = subject.Data.Count(DataPart.Evaluate);
        using var part = _accuracyProgress.Begin(total);

        // Where outputs depend on the others of a batch, batches of other samples would give other figures.
        var race = BatchMates.Matter(model) && evaluation.BatchOf(session) > 1 ? null : entry;
        if (race?.Rivals.Against(scored.Costs.Named(race.Rivals.CostNames)) is not { } rival)
        {
            scored.Scores = evaluation.Run(session, subject.Data, baseline, part.Show, cancellation);
            scored.Evaluations = scored.Scores.Count;
            return;
        }

        var growing = new GrowingEvaluation(evaluation, session, subject.Data, baseline);
        var change = new Race { Rival = rival.Scores, Doubts = rival.Doubts, Right = race.Rivals.Right, Risk = settings.RacingRisk, Seed = race.Seed }
            .Run(growing, evaluation.BatchOf(session), part.Show, cancellation);
        if (change is { } gain)
        {
            var signed = subject.Metric.IsMaximized ? gain : new Interval(-gain.Value, -gain.High, -gain.Low);
            scored.End(new TrialOutcome.Dropped(rival.Id, growing.Seen, total, signed, 1 - settings.RacingRisk, scored.Costs.Known()));
            return;
        }

        scored.Scores = growing.All();
        scored.Evaluations = growing.Evaluations;
    }

    INetworkSession Baseline()
    {
        lock (_gate) return _baselineSession ??= subject.Runtime.Open(subject.BaselineFile, _evaluation);
    }
}

/// <summary>Counts of a variant for one sample.</summary>
/// <param name="Macs">Multiply–accumulates.</param>
/// <param name="BitOps">Sum of MACs × weight bits × activation bits.</param>
/// <param name="WeightBytes">Initializers as stored.</param>
public readonly record struct VariantCost(long Macs, long BitOps, long WeightBytes);
