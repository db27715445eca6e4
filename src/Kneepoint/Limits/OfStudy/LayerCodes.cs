using Kneepoint.Coding;
using Kneepoint.Compression;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Compares the bits of each layer in a packed variant with those of an ideal code.</summary>
/// <param name="reference">The network that weights are compared with.</param>
/// <param name="layerSources">Layers with the directions of their inputs, by the name of the weight.</param>
sealed class LayerCodes(NetworkRewrite reference, IReadOnlyDictionary<string, LayerSource> layerSources)
{
    // As many as the best representatives can be found of, in a moment.
    const int MostValues = 16;
    const int MostWeights = 1 << 20;

    readonly Dictionary<string, WeightSource> _sources = new(StringComparer.Ordinal);

    /// <summary>All layers of a packed variant; a weight that several layers use is there once.</summary>
    /// <param name="packedFile">The packed file.</param>
    /// <param name="weights">What the variant multiplies with.</param>
    /// <param name="cancellation">Ends it.</param>
    public List<LayerCode> Of(string packedFile, EffectiveWeights weights, CancellationToken cancellation)
    {
        Dictionary<string, double> bits;
        using (var stream = File.OpenRead(packedFile))
        {
            var contents = PackedModel.Describe(stream, cancellation: cancellation);
            bits = contents.Tensors.GroupBy(tensor => tensor.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(tensor => tensor.NumberBits + tensor.SideBits), StringComparer.Ordinal);
        }

        var own = weights.Layers.DistinctBy(layer => layer.Layer.WeightName, StringComparer.Ordinal).ToList();
        var users = own.SelectMany(layer => layer.Tensors.Distinct(StringComparer.Ordinal)).GroupBy(name => name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return [.. own.Select(layer => Of(layer, layer.Tensors.Distinct(StringComparer.Ordinal).Sum(name => bits.GetValueOrDefault(name) / users[name])))];
    }

    LayerCode Of(EffectiveWeight layer, double bits)
    {
        string id = layer.Layer.Id;
        long count = layer.Layer.WeightCount;
        if (layer.Weight is not { } weight) return new LayerCode(id, count, bits, null, null, null, null, layer.Reason);
        if (layer.IsFactored)
        {
            return new LayerCode(id, count, bits, null, null, null, null, "two factors are stored, which is no code of the weights")
            {
                ErrorOverOptimum = layerSources[layer.Layer.WeightName].ErrorOverLowRankOptimum(weight, layer.Rank),
            };
        }

        if (layer.IsCut) return new LayerCode(id, count, bits, null, null, null, null, "channels are gone, which is no code of the weights");
        if (!_sources.TryGetValue(layer.Layer.WeightName, out var source)) _sources.Add(layer.Layer.WeightName, source = new WeightSource(reference.WeightOf(layer.Layer)));
        double distortion = source.DistortionOf(weight);
        if (distortion == 0) return new LayerCode(id, count, bits, null, null, null, null, "nothing was lost");
        var (rate, statement) = source.IdealBitsPerWeight(distortion);
        double? entropy = WeightSource.EntropyBitsPerWeight(weight);
        return new LayerCode(id, count, bits, 10 * Math.Log10(source.Power / distortion), rate, statement, entropy, rate is null ? "its weights are no source of this kind" : null) { ErrorOverOptimum = OverFewValues(source, weight, distortion) };
    }

    // The least squared error of as many values, whatever the input.
    static double? OverFewValues(WeightSource source, float[] weight, double distortion)
    {
        int values = 0;
        var seen = new HashSet<float>();
        foreach (float value in weight)
        {
            if (seen.Add(value) && ++values > MostValues) return null;
        }

        if (weight.Length > MostWeights || values < 2) return null;
        double least = source.LeastErrorOf(values);
        return least > 0 ? distortion * weight.Length / least : null;
    }
}
