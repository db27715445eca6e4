using Kneepoint.Compression.LowRank;
using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>What one layer of a variant multiplies with and adds.</summary>
/// <param name="Layer">The layer, in the reference.</param>
/// <param name="Weight">In the order of the reference's weight; null where there is no such thing.</param>
/// <param name="Bias">One number for each output channel; null where the layer has no fixed bias.</param>
/// <param name="Reason">Why there is no weight, as a clause; null where there is one.</param>
sealed record EffectiveWeight(WeightedLayer Layer, float[]? Weight, float[]? Bias, string? Reason)
{
    /// <summary>Whether weights are missing that the variant does not have any more: their places hold 0.</summary>
    public bool IsCut { get; private init; }

    /// <summary>Whether the weight is the product of two that the variant has in its place.</summary>
    public bool IsFactored { get; private init; }

    /// <summary>Channels between the two factors; 0 where there are none.</summary>
    public int Rank { get; private init; }

    /// <summary>Names of the initializers in the variant's file that the weight is made of: codes, scales, tables.</summary>
    public IReadOnlyList<string> Tensors { get; init; } = [];

    /// <summary>Of a layer that nothing was done to.</summary>
    public static EffectiveWeight Unchanged(NetworkRewrite reference, WeightedLayer layer) => new(layer, reference.WeightOf(layer), LayerBias.Of(reference, layer), null) { Tensors = [layer.WeightName] };

    /// <summary>Finds it.</summary>
    /// <param name="reference">The network that is compared with.</param>
    /// <param name="rewrite">The variant before it is compacted.</param>
    /// <param name="layer">A layer of the reference.</param>
    /// <param name="values">What the taps gave.</param>
    public static EffectiveWeight Of(NetworkRewrite reference, NetworkRewrite rewrite, WeightedLayer layer, IReadOnlyDictionary<string, Tensor> values)
    {
        EffectiveWeight None(string reason) => new(layer, null, null, reason);
        var parts = rewrite.PartsOf(layer.Id);
        if (parts.Count > 2) return None("it has become more than two layers");
        if (rewrite.NodeOf(WeightTaps.OwnerOf(layer.Id)) is not { } node || parts.Any(part => !values.ContainsKey(WeightTaps.WeightKey(part)))) return None("its weight is not found in the variant");
        var cut = CutChannels.Of(reference, rewrite, layer);
        if (cut is null) return None("channels were cut on ways that are not followed");
        var whole = parts.Count == 1
            ? Stored(values[WeightTaps.WeightKey(layer.Id)], layer, isMatrix: WeightTaps.IsProductKernel(node))
            : FactorProduct.Of(rewrite, layer, [.. parts], values);
        if (whole is null || cut.Restore(whole, reference.WeightOf(layer)) is not { } weight) return None("its weight has another form");
        float scale = (node.OpType == "Gemm" ? node.GetFloat("alpha", 1) : 1) / (layer.OpType == "Gemm" ? layer.Node.GetFloat("alpha", 1) : 1);
        LayerBias.Multiply(weight, scale);
        float[]? bias = values.TryGetValue(WeightTaps.BiasKey(layer.Id), out var added) ? BiasOf(added, cut, LayerBias.Of(reference, layer), node.OpType == "Gemm" ? node.GetFloat("beta", 1) : 1, (int)layer.OutputChannels) : LayerBias.Of(reference, layer);
        return new EffectiveWeight(layer, weight, bias, null) { IsCut = cut.IsCut, IsFactored = parts.Count > 1, Rank = RankOf(parts, values, node) };
    }

    // What the first factor gives: its output channels.
    static int RankOf(IReadOnlyList<string> parts, IReadOnlyDictionary<string, Tensor> values, Onnx.Protocol.NodeProto second)
    {
        if (parts.Count == 1) return 0;
        var weight = values[WeightTaps.WeightKey(parts[0])].Dimensions;
        return (int)(second.OpType == "Conv" ? weight[1] * weight.Skip(3).Aggregate(1L, (a, b) => a * b) : Math.Min(weight[0], weight[1]));
    }

    static float[]? BiasOf(Tensor added, CutChannels cut, float[]? before, float beta, int channels)
    {
        float[] values = [.. added.Values<float>()];
        float[] bias = before is null ? new float[channels] : [.. before];
        for (int i = 0; i < cut.Rows.Length; i++)
        {
            if (values.Length != 1 && i >= values.Length) return before;
            bias[cut.Rows[i]] = beta * values[values.Length == 1 ? 0 : i];
        }

        return bias;
    }

    // [K, N] of a kernel in the order of the layer.
    internal static Tensor Stored(Tensor weight, WeightedLayer layer, bool isMatrix)
    {
        if (!isMatrix || layer.OutputAxis == weight.Dimensions.Count - 1) return weight;
        return Tensor.Of([weight.Dimensions[1], weight.Dimensions[0]], FactorProduct.Turned(weight.Values<float>(), (int)weight.Dimensions[1]));
    }
}
