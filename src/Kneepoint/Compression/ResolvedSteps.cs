using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>The steps of a recipe that follow those that restructure, with their layers found.</summary>
/// <param name="OneByOne">Steps in their order, but for those on the whole network, which come last.</param>
/// <param name="StaticInt8">Layers of all static INT8 steps, planned together: they meet in the activations between them.</param>
sealed record ResolvedSteps(
    IReadOnlyList<(CompressionMethod Method, IReadOnlyList<WeightedLayer> Layers)> OneByOne,
    IReadOnlyList<(StaticInt8 Method, WeightedLayer Layer)> StaticInt8)
{
    /// <summary>Finds the layers of every step that quantizes or compacts.</summary>
    /// <exception cref="RecipeNotApplicableException">A layer is unknown, cannot be treated, or is named twice.</exception>
    public static ResolvedSteps Of(IReadOnlyList<(Step Step, CompressionMethod Method)> parsed, NetworkRewrite rewrite)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        var oneByOne = new List<(CompressionMethod, IReadOnlyList<WeightedLayer>)>();
        var wholeNetwork = new List<(CompressionMethod, IReadOnlyList<WeightedLayer>)>();
        var staticInt8 = new List<(StaticInt8, WeightedLayer)>();
        foreach (var (step, method) in parsed)
        {
            var layers = LayersOf(step, method, rewrite);
            foreach (var layer in layers)
            {
                if (named.TryAdd(layer.Id, step.Method)) continue;
                throw new RecipeNotApplicableException(
                    $"Layer '{layer.Id}' is named by '{named[layer.Id]}' and '{step.Method}'; a recipe quantizes each layer once.");
            }

            if (method is StaticInt8 integer) staticInt8.AddRange(layers.Select(layer => (integer, layer)));
            else (method.TreatsWholeNetwork ? wholeNetwork : oneByOne).Add((method, layers));
        }

        if (wholeNetwork.Any(step => step.Item1 is Fp16Network) && named.Count > 0)
        {
            throw new RecipeNotApplicableException($"'{Fp16Network.MethodName}' treats every layer; it cannot be combined with steps on layers.");
        }

        return new ResolvedSteps([.. oneByOne, .. wholeNetwork], staticInt8);
    }

    /// <summary>The layers of a step in the network as it is; none for methods that treat the whole network.</summary>
    /// <exception cref="RecipeNotApplicableException">A layer is unknown or cannot be treated.</exception>
    public static IReadOnlyList<WeightedLayer> LayersOf(Step step, CompressionMethod method, NetworkRewrite rewrite)
    {
        if (method.TreatsWholeNetwork)
        {
            return IsEverything(step) ? [] : throw new RecipeNotApplicableException($"Step '{step.Method}' treats the whole network: its layers are '*'.");
        }

        var layers = IsEverything(step) ? Treatable(method, rewrite) : Named(step, method, rewrite);
        return layers.Count > 0 ? layers : throw new RecipeNotApplicableException($"The network has no layer that '{step.Method}' can treat.");
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
            bool isFound = false;
            foreach (string part in rewrite.PartsOf(id))
            {
                if (!byId.TryGetValue(part, out var layer)) continue;
                isFound = true;
                if (method.WhyNot(layer, rewrite.Index) is { } reason)
                {
                    throw new RecipeNotApplicableException($"Step '{step.Method}' cannot treat the layer '{id}' ({layer.OpType}): it {reason}.");
                }

                layers.Add(layer);
            }

            if (!isFound) throw new RecipeNotApplicableException($"Step '{step.Method}' names the layer '{id}', which the network does not have.");
        }

        return layers;
    }

    static bool IsEverything(Step step) => step.Layers is [Step.WholeNetwork];
}
