using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>Makes the variant of a recipe, runs it as it would be deployed, and measures everything that a study records.</summary>
public sealed class TrialRunner(
    Subject subject, RangeSource ranges, IVariantProbe probe, StudyFolder folder, ExplorationSettings settings,
    Func<CompressedNetwork, VariantCost> costOf, IReadOnlyCollection<string> instructionSets, Action<ExplorationProgress> onProgress)
    : ITrialRunner, IDisposable
{
    // Accuracy does not depend on the threads, so it may take all that there are.
    readonly SessionSettings _evaluation = new() { Threads = Math.Max(settings.Threads, settings.EvaluationThreads) };
    const int FloatBits = 32;
    INetworkSession? _baselineSession;
    SampleScores? _baselineScores;
    IReadOnlyDictionary<string, Tensor>? _inputs;

    /// <inheritdoc/>
    public TrialOutcome Run(Recipe recipe, CancellationToken cancellation)
    {
        string file = folder.VariantFile(recipe.Id);
        bool isKept = false;
        try
        {
            var needed = Compressor.RequiredActivations(subject.Baseline, recipe);
            var network = Compressor.Apply(subject.Baseline, recipe, ranges.Of(needed, onProgress, cancellation));
            network.Model.Save(file, network.Model.HasExternalData);
            var outcome = Measure(recipe, network, file, cancellation);
            isKept = outcome is TrialOutcome.Measured;
            return outcome;
        }
        catch (RecipeNotApplicableException exception)
        {
            return new TrialOutcome.Rejected(exception.Message);
        }
        finally
        {
            if (!isKept) folder.DeleteVariant(recipe.Id);
        }
    }

    /// <summary>The scores of the baseline: of this run, or of an earlier one.</summary>
    public void UseBaselineScores(SampleScores scores) => _baselineScores = scores;

    /// <inheritdoc/>
    public void Dispose() => _baselineSession?.Dispose();

    TrialOutcome Measure(Recipe recipe, CompressedNetwork network, string file, CancellationToken cancellation)
    {
        bool isBaseline = recipe.Equals(Recipe.Baseline);
        SampleScores scores;
        var findings = network.Findings.ToBuilder();
        try
        {
            using var session = subject.Runtime.Open(file, _evaluation);
            if (!isBaseline && Compare(session, findings) is { } rejection) return new TrialOutcome.Rejected(rejection);
            scores = Evaluate(session, recipe, cancellation);
        }
        catch (OnnxModelException exception) when (!isBaseline)
        {
            return new TrialOutcome.Rejected($"The runtime refuses the variant: {exception.Message}");
        }

        if (isBaseline) _baselineScores = scores;
        if (_baselineScores is null) throw new InvalidOperationException("The baseline must be measured first.");
        var accuracy = AccuracyFigure.Of(subject.Metric, scores, settings.Seed);
        var change = PairedChange.Of(subject.Metric, scores, _baselineScores, settings.Seed);

        var inputs = Inputs(cancellation);
        var activations = probe.ActivationPeak(file, inputs);
        var resident = probe.ResidentPeak(file, inputs, cancellation);
        var latency = Latency(file, inputs, cancellation);
        var treatments = Treatments(network, findings);
        var cost = costOf(network);
        var memory = new MemoryFigures(OnnxModel.FileBytes(file), null, cost.WeightBytes, activations.Bytes ?? 0, resident.Bytes);
        var timed = latency.Variants[0];
        AddAll(findings, activations.Findings);
        AddAll(findings, resident.Findings);
        AddAll(findings, latency.Findings);
        if (isBaseline) AddAll(findings, [.. new[] { NonFiniteOutputs.Of(scores), TooFewSamples.Of(subject.Metric, scores.Count, accuracy, change.Change) }.OfType<Finding>()]);
        else AddAll(findings, VariantFindings.Of(subject.Metric, scores, accuracy, change, memory, OnnxModel.FileBytes(subject.BaselineFile), timed));
        if (SaturationRisk.Of(network.Model, instructionSets) is { } risk) findings.Add(risk);
        var figures = new Measured(accuracy, change.Change, memory, new ComputeFigures(cost.Macs, cost.BitOps, timed.Milliseconds, timed.Ratio), [.. findings.Distinct()])
        {
            Layers = treatments,
        };
        return new TrialOutcome.Measured(figures, scores.ToBytes());
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
        AddAll(findings, report.Findings);
        var fused = report.Layers.Zip(network.Layers).ToDictionary(pair => pair.Second.Layer, pair => pair.First.IsFused, StringComparer.Ordinal);
        return [.. network.Layers.Select(layer => new LayerTreatment(layer.Layer, layer.Method, layer.WeightBits, layer.ActivationBits,
            quantized.Contains(layer) ? fused[layer.Layer] : null))];
    }

    IReadOnlyDictionary<string, Tensor> Inputs(CancellationToken cancellation) =>
        _inputs ??= LatencyInputs.Of(Baseline(), subject.Data, settings.Batch, cancellation);

    string? Compare(INetworkSession session, ImmutableArray<Finding>.Builder findings)
    {
        var batch = subject.Data.Read(DataPart.Evaluate, settings.EvaluationBatch, settings.EvaluationBatch).First();
        var comparison = OutputComparison.Of(session.Run(batch.Inputs), Baseline().Run(batch.Inputs), batch.Count);
        AddAll(findings, comparison.Findings);
        return comparison.Rejection;
    }

    SampleScores Evaluate(INetworkSession session, Recipe recipe, CancellationToken cancellation)
    {
        long total = subject.Data.Count(DataPart.Evaluate);
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, BatchSize = settings.EvaluationBatch };
        return evaluation.Run(session, subject.Data, subject.Metric.NeedsBaseline ? Baseline() : null,
            done => onProgress(new ExplorationProgress("accuracy", done, total)), cancellation);
    }

    static void AddAll(ImmutableArray<Finding>.Builder findings, ImmutableArray<Finding> more)
    {
        foreach (var finding in more) findings.Add(finding);
    }

    INetworkSession Baseline() => _baselineSession ??= subject.Runtime.Open(subject.BaselineFile, _evaluation);
}

/// <summary>Counts of a variant for one sample.</summary>
/// <param name="Macs">Multiply–accumulates.</param>
/// <param name="BitOps">Sum of MACs × weight bits × activation bits.</param>
/// <param name="WeightBytes">Initializers as stored.</param>
public readonly record struct VariantCost(long Macs, long BitOps, long WeightBytes);
