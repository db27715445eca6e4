using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>A recipe's steps with their options read and their layers found.</summary>
/// <param name="OneByOne">Steps in their order, but for those on the whole network, which come last.</param>
/// <param name="StaticInt8">Layers of all static INT8 steps, planned together: they meet in the activations between them.</param>
sealed record ResolvedSteps(
    IReadOnlyList<(CompressionMethod Method, IReadOnlyList<WeightedLayer> Layers)> OneByOne,
    IReadOnlyList<(StaticInt8 Method, WeightedLayer Layer)> StaticInt8)
{
    /// <summary>Reads the options of every step and prepares the network: normalizations are folded if anything but compacting is asked for.</summary>
    /// <exception cref="RecipeNotApplicableException">A method, an option or a layer is unknown, cannot be treated, or is named twice.</exception>
    public static ResolvedSteps Of(Recipe recipe, NetworkRewrite rewrite)
    {
        var methods = recipe.Steps.Select(step => (Step: step, Method: MethodCatalog.Parse(step))).ToArray();
        if (methods.Any(m => m.Method is not CompactGraph)) FoldBatchNormalization.Fold(rewrite);
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        var oneByOne = new List<(CompressionMethod, IReadOnlyList<WeightedLayer>)>();
        var wholeNetwork = new List<(CompressionMethod, IReadOnlyList<WeightedLayer>)>();
        var staticInt8 = new List<(StaticInt8, WeightedLayer)>();
        foreach (var (step, method) in methods)
        {
            var layers = method.TreatsWholeNetwork ? WholeNetwork(step) : LayersOf(step, method, rewrite, named);
            if (method is StaticInt8 integer) staticInt8.AddRange(layers.Select(layer => (integer, layer)));
            else (method.TreatsWholeNetwork ? wholeNetwork : oneByOne).Add((method, layers));
        }

        if (wholeNetwork.Any(step => step.Item1 is Fp16Network) && named.Count > 0)
        {
            throw new RecipeNotApplicableException($"'{Fp16Network.MethodName}' treats every layer; it cannot be combined with steps on layers.");
        }

        return new ResolvedSteps([.. oneByOne, .. wholeNetwork], staticInt8);
    }

    static IReadOnlyList<WeightedLayer> WholeNetwork(Step step) => IsEverything(step)
        ? []
        : throw new RecipeNotApplicableException($"Step '{step.Method}' treats the whole network: its layers are '*'.");

    static List<WeightedLayer> LayersOf(Step step, CompressionMethod method, NetworkRewrite rewrite, Dictionary<string, string> named)
    {
        var layers = IsEverything(step) ? Treatable(method, rewrite) : Named(step, method, rewrite);
        if (layers.Count == 0) throw new RecipeNotApplicableException($"The network has no layer that '{step.Method}' can treat.");
        foreach (var layer in layers)
        {
            if (!named.TryAdd(layer.Id, step.Method))
            {
                throw new RecipeNotApplicableException($"Layer '{layer.Id}' is named by '{named[layer.Id]}' and '{step.Method}'; a recipe treats each layer once.");
            }
        }

        return layers;
    }

    static List<WeightedLayer> Treatable(CompressionMethod method, NetworkRewrite rewrite)
    {
        var layers = new List<WeightedLayer>();
        foreach (var layer in rewrite.Layers)
        {
            if (method.WhyNot(layer, rewrite.Index) is { } reason) rewrite.KeptInFloat(layer.Id, layer.OpType, method.Name, reason);
            else layers.Add(layer);
        }

        foreach (var part in WeightedLayers.Find(rewrite.Model).UntreatedParts) rewrite.KeptInFloat(part.Id, part.OpType, method.Name, part.Reason);
        return layers;
    }

    static List<WeightedLayer> Named(Step step, CompressionMethod method, NetworkRewrite rewrite)
    {
        var byId = rewrite.Layers.ToDictionary(layer => layer.Id, StringComparer.Ordinal);
        var layers = new List<WeightedLayer>();
        foreach (string id in step.Layers)
        {
            if (!byId.TryGetValue(id, out var layer))
            {
                throw new RecipeNotApplicableException($"Step '{step.Method}' names the layer '{id}', which the network does not have.");
            }

            if (method.WhyNot(layer, rewrite.Index) is { } reason)
            {
                throw new RecipeNotApplicableException($"Step '{step.Method}' cannot treat the layer '{id}' ({layer.OpType}): it {reason}.");
            }

            layers.Add(layer);
        }

        return layers;
    }

    static bool IsEverything(Step step) => step.Layers is [Step.WholeNetwork];
}
