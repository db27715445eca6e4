using System.Collections.Immutable;
using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>Carries out recipes: a baseline and a recipe give a variant.</summary>
/// <remarks>
/// The order is fixed: weights listed as inputs are fixed, batch normalizations are folded, each step is applied to its layers, and the graph is
/// compacted. A layer may be named once, so the steps on layers commute. The empty recipe gives the baseline itself.
/// Deterministic: the same baseline, recipe and statistics give the same model, bit for bit.
/// </remarks>
public static class Compressor
{
    /// <summary>Makes the variant.</summary>
    /// <param name="baseline">The network; not changed.</param>
    /// <param name="recipe">What to do.</param>
    /// <param name="statistics">Ranges of the activations that <see cref="RequiredActivations"/> names; null if it names none.</param>
    /// <param name="roundings">Rounds weights by the moments that <see cref="RequiredMoments"/> names; without them, weights are rounded to nearest.</param>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static CompressedNetwork Apply(OnnxModel baseline, Recipe recipe, ActivationStatistics? statistics = null, DataRoundings? roundings = null)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Steps.IsEmpty) return new CompressedNetwork(baseline, [], []);
        var rewrite = new NetworkRewrite(baseline, roundings);
        var steps = ResolvedSteps.Of(recipe, rewrite);
        foreach (var (method, layers) in steps.OneByOne) method.Apply(rewrite, layers);
        if (steps.StaticInt8.Count > 0) StaticInt8Writer.Write(rewrite, StaticInt8Plan.Of(rewrite, steps.StaticInt8), statistics);
        CompactGraph.Compact(rewrite);
        return new CompressedNetwork(rewrite.Model, [.. rewrite.Findings], [.. rewrite.Treatments]);
    }

    /// <summary>The values whose ranges a recipe needs, by their names in the baseline, in the order of the graph.</summary>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static ImmutableArray<string> RequiredActivations(OnnxModel baseline, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Steps.IsEmpty) return [];
        var rewrite = new NetworkRewrite(baseline);
        var steps = ResolvedSteps.Of(recipe, rewrite);
        return steps.StaticInt8.Count == 0 ? [] : StaticInt8Plan.Of(rewrite, steps.StaticInt8).RequiredValues();
    }

    /// <summary>What must be known of the inputs of the layers that a recipe rounds by the calibration samples.</summary>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to this network; the sentence says why.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static ImmutableArray<InputForm> RequiredMoments(OnnxModel baseline, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(recipe);
        if (!recipe.Steps.Any(step => MethodCatalog.Parse(step).NeedsMoments)) return [];
        var steps = ResolvedSteps.Of(recipe, new NetworkRewrite(baseline));
        return [.. steps.OneByOne.Where(step => step.Method.NeedsMoments).SelectMany(step => step.Layers)
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
}
