using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What the weights of a study's variants say, and the network with noise on its weights: all that takes the model and the data.</summary>
public sealed class NetworkInquiry
{
    readonly Subject _subject;
    readonly ExplorationSettings _settings;
    readonly ICalibrator _calibrator;
    readonly Action<ExplorationProgress> _onProgress;
    readonly NetworkRewrite _reference;
    readonly LayerCodes _codes;
    readonly Dictionary<string, LayerSource> _sources = new(StringComparer.Ordinal);

    /// <summary>Prepares.</summary>
    /// <param name="subject">Network, data, metric, runtime.</param>
    /// <param name="settings">Batch, threads and seed.</param>
    /// <param name="calibrator">As the study's variants were made with.</param>
    /// <param name="onProgress">Called often; cheap.</param>
    public NetworkInquiry(Subject subject, ExplorationSettings settings, ICalibrator calibrator, Action<ExplorationProgress> onProgress)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(calibrator);
        (_subject, _settings, _calibrator, _onProgress) = (subject, settings, calibrator, onProgress);
        _reference = EffectiveWeights.ReferenceOf(subject.Baseline);
        _reference.Roundings = calibrator.Baseline.Roundings;
        _reference.Facts = calibrator.Baseline;
        _codes = new LayerCodes(_reference, _sources);
    }

    /// <summary>Adds what is found.</summary>
    /// <param name="limits">What the trials say.</param>
    /// <param name="trials">The study's trials.</param>
    /// <param name="packedFileOf">A variant's packed file; null where it is not kept.</param>
    /// <param name="macs">Multiply-accumulates of a sample.</param>
    /// <param name="cancellation">Ends it.</param>
    public StudyLimits Add(StudyLimits limits, IReadOnlyList<Trial> trials, Func<string, string?> packedFileOf, long macs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(trials);
        ArgumentNullException.ThrowIfNull(packedFileOf);
        var layers = _reference.Layers.DistinctBy(layer => layer.WeightName, StringComparer.Ordinal).ToList();
        for (int i = 0; i < layers.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            _onProgress(new ExplorationProgress("layers", i, layers.Count, layers[i].Id));
            _sources[layers[i].WeightName] = LayerSource.Of(_reference, layers[i]);
        }

        var byId = trials.Where(trial => trial.Outcome is TrialOutcome.Measured).ToDictionary(trial => trial.Recipe.Id, StringComparer.Ordinal);
        var baseline = (byId.Values.FirstOrDefault(trial => trial.Recipe.Equals(Recipe.Baseline))?.Outcome as TrialOutcome.Measured)?.Figures;
        _onProgress(new ExplorationProgress("outputs", 0, 0));
        var probe = new OutputProbe(_subject, _reference.Model, _settings, macs, cancellation);
        var gradients = GradientPredictions.Of(_subject, _reference, _settings, probe, macs, _onProgress, out string? noGradients);
        var variants = new List<VariantLimits>();
        foreach (var variant in limits.Variants)
        {
            cancellation.ThrowIfCancellationRequested();
            _onProgress(new ExplorationProgress("variants", variants.Count, limits.Variants.Length, variant.Id));
            variants.Add(Of(variant, byId[variant.Id], baseline, packedFileOf(variant.Id), probe, gradients, cancellation));
        }

        gradients?.Finish(cancellation);
        variants = [.. variants.Select(variant => WithGradients(variant, gradients, noGradients))];
        var precision = new PrecisionProbe(_subject, _reference, _settings, macs, _onProgress).Run(cancellation);
        var ladder = new NoiseLadder(_subject, _reference, _settings, probe, macs, _onProgress);
        var noise = ladder.Run([.. _sources.Values], cancellation);
        var (classes, ranks) = (ClassesOf(), PredictionRanking.Of(variants));
        return limits with
        {
            Noise = noise,
            Variants = [.. variants.Select(variant => OnFrontier(variant, byId[variant.Id], noise))],
            Ranks = ranks,
            Classes = classes,
            Precision = precision,
            GradientSamples = gradients?.Samples,
            DivergenceSamples = probe.Samples.Count,
            Missing = [.. limits.Missing, .. Missing(noGradients, precision, classes, ranks)],
        };
    }

    static IEnumerable<MissingLimit> Missing(string? noGradients, PrecisionTable? precision, int? classes, PredictionRanks? ranks)
    {
        const string NoClasses = "The network's outputs are no scores of classes, one for each sample.";
        if (classes is null) yield return new MissingLimit('B', "There are no labels of classes.");
        if (noGradients is null && ranks is null) yield return new MissingLimit('O', "No variant but the baseline has weights that can be compared.");
        if (noGradients is not null) yield return new MissingLimit('O', $"Predictions by gradients: {noGradients}");
        if (precision is null || precision.NoMismatch is not null) yield return new MissingLimit('M', precision?.NoMismatch ?? NoClasses);
        if (precision is null || precision.NoCertificate is not null) yield return new MissingLimit('N', precision?.NoCertificate ?? NoClasses);
    }

    int? ClassesOf()
    {
        if (_subject.Likelihood is null) return null;
        using var session = _subject.Runtime.Open(_reference.Model, new SessionSettings());
        return MetricChoice.Scored(session.Outputs, _subject.Data.Output).Dimensions is [.., >= 2 and <= int.MaxValue and var last] ? (int)last : null;
    }

    VariantLimits Of(VariantLimits variant, Trial trial, Measured? baseline, string? packedFile, OutputProbe probe, GradientPredictions? gradients, CancellationToken cancellation)
    {
        EffectiveWeights weights;
        try
        {
            weights = EffectiveWeights.Of(_reference, _subject.Baseline, trial.Recipe, _calibrator, _subject.Runtime);
        }
        catch (RecipeNotApplicableException)
        {
            // Another version made it.
            return variant;
        }

        var measured = ((TrialOutcome.Measured)trial.Outcome).Figures;
        bool isSame = trial.Recipe.Equals(Recipe.Baseline) || weights.Model.ToBytes().LongLength == measured.Memory.FileBytes;
        if (packedFile is not null && isSame)
        {
            var layers = _codes.Of(packedFile, weights, cancellation);
            var known = layers.Where(layer => layer.GapBitsPerWeight is not null).ToList();
            long count = known.Sum(layer => layer.Weights);
            variant = variant with
            {
                Layers = [.. layers],
                BitsPerWeight = layers.Sum(layer => layer.Bits) / Math.Max(1, layers.Sum(layer => layer.Weights)),
                GapBitsPerWeight = count == 0 ? null : known.Sum(layer => layer.WastedBits!.Value) / count,
            };
        }

        if (weights.Layers.All(layer => layer.Weight is not null) && !trial.Recipe.Equals(Recipe.Baseline)) gradients?.Add(VariantChange.Of(variant.Id, _reference, weights), cancellation);
        return variant with { Predicted = PredictionOf(weights, measured, baseline, probe.Of(_subject.Runtime, weights.Model, cancellation)) };
    }

    static VariantLimits WithGradients(VariantLimits variant, GradientPredictions? gradients, string? reason)
    {
        if (variant.Predicted is not { } predicted) return variant;
        if (gradients is null || !gradients.Found.TryGetValue(variant.Id, out var found)) return variant with { Predicted = predicted with { Reason = predicted.Reason ?? reason } };
        return variant with
        {
            Predicted = predicted with
            {
                FisherNats = found.FisherNats,
                SlopeNats = found.SlopeNats,
                OutputSignalToNoiseDecibels = found.Decibels,
            },
        };
    }

    PredictedLoss PredictionOf(EffectiveWeights weights, Measured measured, Measured? baseline, OutputDistance? distance)
    {
        string? reason = weights.Layers.FirstOrDefault(layer => layer.Weight is null)?.Reason;
        double? layerwise = reason is not null ? null : weights.Layers.DistinctBy(layer => layer.Layer.WeightName, StringComparer.Ordinal)
            .Sum(layer => _sources[layer.Layer.WeightName].DivergenceOf(layer.Weight!));
        double? labels = measured.Labels is { Count: > 0 } own && baseline?.Labels is { Count: > 0 } first ? own.Nats / own.Count - first.Nats / first.Count : null;
        return new PredictedLoss(layerwise, null, null, null, distance?.Decibels, distance?.Divergence, distance?.HalfWidth, labels, LossOf(measured.AccuracyChange), reason)
        {
            MaySaturate = measured.Findings.Any(finding => finding is { Code: SaturationRisk.Code, Severity: FindingSeverity.Warning }),
        };
    }

    Interval LossOf(Interval change) => _subject.Metric.IsMaximized ? new Interval(0 - change.Value, 0 - change.High, 0 - change.Low) : change;

    VariantLimits OnFrontier(VariantLimits variant, Trial trial, NoiseFrontier noise)
    {
        var figures = ((TrialOutcome.Measured)trial.Outcome).Figures;
        if (variant.BitsPerWeight is null || trial.Recipe.Equals(Recipe.Baseline)) return variant;
        Interval? byDivergence = variant.Predicted is { MeasuredDivergence: { } divergence, MeasuredDivergenceHalfWidth: { } half }
            ? noise.RateOfDivergence(new Interval(divergence, Math.Max(0, divergence - half), divergence + half)) : null;
        return variant with { NoiseRate = noise.RateOfChange(figures.AccuracyChange, _subject.Metric.IsMaximized), NoiseRateByDivergence = byDivergence };
    }
}
