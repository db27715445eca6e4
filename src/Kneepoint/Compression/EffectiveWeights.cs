using Kneepoint.Compression.Repair;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>What the layers of a variant multiply with, each weight in the form that it has in the baseline: what a recipe has done to the numbers, whatever it has done to the graph.</summary>
/// <remarks>
/// The runtime itself computes the weights of codes, tables and scales, so that they are those which the variant uses. Two factors are multiplied; channels that are cut have weights of 0 in the layers that read
/// them. Where a step changes what lies between layers (equalize, split-outliers, renormalize), weights cannot be compared one by one.
/// </remarks>
/// <param name="Layers">One for each layer of the reference that computes products, in the graph's order.</param>
/// <param name="QuantizedActivations">Values of the reference that the variant rounds to codes, and how.</param>
/// <param name="Model">The variant's network, as its file holds it.</param>
/// <param name="Vectors">Other initializers of the reference that the variant has with other numbers, by their names.</param>
sealed record EffectiveWeights(IReadOnlyList<EffectiveWeight> Layers, IReadOnlyDictionary<string, ActivationGrid> QuantizedActivations, OnnxModel Model, IReadOnlyDictionary<string, float[]> Vectors)
{
    static readonly IReadOnlyDictionary<string, ActivationGrid> NoActivations = new Dictionary<string, ActivationGrid>();
    static readonly IReadOnlyDictionary<string, float[]> NoVectors = new Dictionary<string, float[]>();

    /// <summary>The network that weights are compared with: the baseline with its normalizations folded.</summary>
    public static NetworkRewrite ReferenceOf(OnnxModel baseline)
    {
        var reference = new NetworkRewrite(baseline).FoldedBaseline();

        // Every weight has a name under which it can be changed.
        CompactGraph.ConstantsToInitializers(reference.Graph);
        reference.FindLayersAgain();
        return reference;
    }

    /// <summary>Finds the weights.</summary>
    /// <param name="reference">As <see cref="ReferenceOf"/> gives it.</param>
    /// <param name="baseline">The baseline.</param>
    /// <param name="recipe">A recipe that applies to it.</param>
    /// <param name="calibrator">As the variant was made with.</param>
    /// <param name="runtime">Computes the weights.</param>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply.</exception>
    /// <exception cref="OnnxModelException">The network is malformed.</exception>
    public static EffectiveWeights Of(NetworkRewrite reference, OnnxModel baseline, Recipe recipe, ICalibrator calibrator, INetworkRuntime runtime)
    {
        if (recipe.Steps.IsEmpty) return new EffectiveWeights([.. reference.Layers.Select(layer => EffectiveWeight.Unchanged(reference, layer))], NoActivations, baseline, NoVectors);
        var rewrite = Compressor.Rewritten(baseline, recipe, calibrator);
        var vectors = ChangedVectors(reference, rewrite);
        CompactGraph.Compact(rewrite);
        var model = rewrite.Model.Clone();
        var tensors = reference.Layers.Select(layer => WeightTensors.Of(rewrite, layer)).ToList();
        string? moving = RestructuringSteps.Of(recipe).First.Select(step => step.Method).FirstOrDefault(method => method is Equalize or SplitOutliers or Renormalize)?.Name;
        if (moving is not null)
        {
            string reason = $"'{moving}' changes what lies between layers, so that weights cannot be compared one by one";
            return new EffectiveWeights([.. reference.Layers.Select((layer, i) => new EffectiveWeight(layer, null, null, reason) { Tensors = tensors[i] })], rewrite.QuantizedActivations, model, vectors);
        }

        var taps = new WeightTaps(rewrite);
        foreach (var layer in reference.Layers) taps.Add(layer);
        var values = taps.Run(runtime);
        return new EffectiveWeights([.. reference.Layers.Select((layer, i) => EffectiveWeight.Of(reference, rewrite, layer, values) with { Tensors = tensors[i] })], rewrite.QuantizedActivations, model, vectors);
    }

    // Biases of additions behind products, vectors of normalizations. Their names last until the graph is compacted.
    static Dictionary<string, float[]> ChangedVectors(NetworkRewrite reference, NetworkRewrite rewrite)
    {
        var layers = reference.Layers.SelectMany(layer => new[] { layer.WeightName, layer.BiasName ?? "" }).ToHashSet(StringComparer.Ordinal);
        var now = rewrite.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var changed = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var tensor in reference.Graph.Initializer)
        {
            if (TensorData.TypeOf(tensor) != ElementType.Float32 || layers.Contains(tensor.Name) || !now.TryGetValue(tensor.Name, out var other)) continue;
            if (TensorData.TypeOf(other) != ElementType.Float32 || TensorData.Count(other) != TensorData.Count(tensor)) continue;
            float[] values = TensorData.ReadFloat32(other, rewrite.Model);
            if (!values.AsSpan().SequenceEqual(TensorData.ReadFloat32(tensor, reference.Model))) changed.Add(tensor.Name, values);
        }

        return changed;
    }
}
