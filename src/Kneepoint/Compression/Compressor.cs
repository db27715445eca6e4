using System.Collections.Immutable;
using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>Carries out recipes: a baseline and a recipe give a variant.</summary>
/// <remarks>
/// The order is fixed: weights listed as inputs are fixed, batch normalizations are folded, each step that restructures works on the network as the one before
/// left it, then each other step is applied to its layers, and the graph is compacted. A layer may be quantized once, so those steps commute. The empty recipe gives
/// the baseline itself. Deterministic: the same baseline, recipe and samples give the same model, bit for bit.
/// </remarks>
public static class Compressor
{
    /// <summary>Makes the variant of a recipe that needs to know of the baseline only what is given.</summary>
    /// <param name="baseline">The network; not changed.</param>
    /// <param name="recipe">What to do.</param>
    /// <param name="statistics">Ranges of the activations that <see cref="RequiredActivations"/> names; null if it names none.</param>
    /// <param name="roundings">Rounds weights by the moments that <see cref="RequiredMoments"/> names; without them, weights are rounded to nearest.</param>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static CompressedNetwork Apply(OnnxModel baseline, Recipe recipe, ActivationStatistics? statistics = null, DataRoundings? roundings = null) =>
        Apply(baseline, recipe, new GivenFacts(statistics, roundings));

    /// <summary>Makes the variant.</summary>
    /// <param name="baseline">The network; not changed.</param>
    /// <param name="recipe">What to do.</param>
    /// <param name="calibrator">Runs the calibration samples through the networks between the steps, as far as steps ask for it.</param>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static CompressedNetwork Apply(OnnxModel baseline, Recipe recipe, ICalibrator calibrator) => Apply(baseline, recipe, calibrator, null);

    /// <summary>Makes the variant, and lets somebody look at it while its values still bear the names of the baseline.</summary>
    /// <inheritdoc cref="Apply(OnnxModel, Recipe, ICalibrator)"/>
    internal static CompressedNetwork Apply(OnnxModel baseline, Recipe recipe, ICalibrator calibrator, Action<NetworkRewrite>? look)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(calibrator);
        if (recipe.Steps.IsEmpty) return new CompressedNetwork(baseline, [], []) { Values = new NetworkRewrite(baseline).Values };
        var rewrite = Rewritten(baseline, recipe, calibrator);
        look?.Invoke(rewrite);
        CompactGraph.Compact(rewrite);
        return new CompressedNetwork(rewrite.Model, [.. rewrite.Findings], [.. rewrite.Treatments]) { Values = rewrite.Values };
    }

    /// <summary>Carries out all steps; what is left is to compact the graph, whose values still bear the names of the baseline.</summary>
    /// <inheritdoc cref="Apply(OnnxModel, Recipe, ICalibrator)"/>
    internal static NetworkRewrite Rewritten(OnnxModel baseline, Recipe recipe, ICalibrator calibrator)
    {
        var restructuring = RestructuringSteps.Of(recipe);
        var rewrite = Restructured(baseline, restructuring, calibrator);
        var facts = restructuring.First.Count == 0 ? calibrator.Baseline
            : restructuring.Rest.Any(step => step.Method.NeedsMoments || step.Method.NeedsActivations)
                ? calibrator.Of(rewrite.Model.Clone(), restructuring.TextOf(restructuring.First.Count)) : null;
        rewrite.Roundings = facts?.Roundings;
        rewrite.Facts = facts;
        if (restructuring.Rest.Any(step => step.Method is RateConstrainedWeights)) rewrite.Unquantized = rewrite.Copy();
        void Quantize(NetworkRewrite network) => Compressor.Quantize(network, restructuring.Rest, facts);
        if (restructuring.Rest.Any(step => step.Method.IsSuccessive)) rewrite.Fitted = SuccessiveFit.Of(rewrite, Quantize, calibrator);
        Quantize(rewrite);
        rewrite.Scales.Write(rewrite);
        return rewrite;
    }

    /// <summary>The values of the baseline whose ranges a recipe that restructures nothing needs, in the order of the graph.</summary>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static ImmutableArray<string> RequiredActivations(OnnxModel baseline, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Steps.IsEmpty || RestructuringSteps.Of(recipe) is not { First.Count: 0 } parsed) return [];
        var rewrite = Folded(baseline, parsed);
        var steps = ResolvedSteps.Of(parsed.Rest, rewrite);
        return steps.StaticInt8.Count == 0 ? [] : StaticInt8Plan.Of(rewrite, steps.StaticInt8).RequiredValues();
    }

    /// <summary>What must be known of the inputs of the baseline's layers that a recipe which restructures nothing rounds by the calibration samples.</summary>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static ImmutableArray<InputForm> RequiredMoments(OnnxModel baseline, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        if (RestructuringSteps.Of(recipe) is not { First.Count: 0 } parsed || !parsed.Rest.Any(step => step.Method.NeedsMoments)) return [];
        var steps = ResolvedSteps.Of(parsed.Rest, Folded(baseline, parsed));
        return [.. steps.OneByOne.Where(step => step.Method.NeedsMoments).SelectMany(step => step.Layers)
            .Concat(steps.StaticInt8.Where(step => step.Method.NeedsMoments).Select(step => step.Layer))
            .Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>().DistinctBy(form => form.Key)];
    }

    /// <summary>The layers that recipes for this network may name, in the order of the graph.</summary>
    /// <remarks>As <see cref="WeightedLayers.Find"/>, and layers whose weight a caller may override: compression fixes those.</remarks>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static ImmutableArray<WeightedLayer> LayersOf(OnnxModel baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        return [.. new NetworkRewrite(baseline).Layers];
    }

    static void Quantize(NetworkRewrite rewrite, IReadOnlyList<(Step Step, CompressionMethod Method)> parsed, ICalibrationFacts? facts)
    {
        var steps = ResolvedSteps.Of(parsed, rewrite);
        foreach (var (method, layers) in steps.OneByOne) method.Apply(rewrite, layers);
        if (steps.StaticInt8.Count == 0) return;
        var plan = StaticInt8Plan.Of(rewrite, steps.StaticInt8);
        StaticInt8Writer.Write(rewrite, plan, facts?.Activations(plan.RequiredValues()));
    }

    // Each step sees the network as the one before left it.
    static NetworkRewrite Restructured(OnnxModel baseline, RestructuringSteps steps, ICalibrator calibrator)
    {
        var rewrite = Folded(baseline, steps);
        for (int i = 0; i < steps.First.Count; i++)
        {
            var (step, method) = steps.First[i];
            var layers = ResolvedSteps.LayersOf(step, method, rewrite);
            var evidence = i == 0 ? CalibrationEvidence.OfBaseline(calibrator) : CalibrationEvidence.Of(calibrator, rewrite, steps.TextOf(i));
            method.Restructure(rewrite, layers, evidence);
            rewrite.FindLayersAgain();
        }

        return rewrite;
    }

    static NetworkRewrite Folded(OnnxModel baseline, RestructuringSteps steps)
    {
        var rewrite = new NetworkRewrite(baseline);
        if (steps.First.Count > 0 || steps.Rest.Any(step => step.Method is not CompactGraph)) FoldBatchNormalization.Fold(rewrite);
        return rewrite;
    }
}
