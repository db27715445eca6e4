using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights stored as binary16; the runtime widens them when it loads the network, and computes as before.</summary>
/// <remarks>Half the bytes at the speed and memory of float, with an error of 2^-11 of each weight. A weight beyond the range of binary16 keeps its layer in float, named in a finding.</remarks>
public sealed record Fp16Weights : CompressionMethod
{
    internal const string MethodName = "fp16-weights";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "16-bit floating-point weights, float arithmetic";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Tensor.Bits(TensorData.TypeOf(layer.Weight)) <= 16 ? "has weights of 16 bits already" : null;
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount * 2 + 40;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        int treated = 0;
        foreach (var layer in layers)
        {
            float[] weights = rewrite.WeightOf(layer);
            if (Float16Weights.Overflows(weights))
            {
                rewrite.KeptInFloat(layer.Id, layer.OpType, Name, "has weights beyond the range of 16 bits");
                continue;
            }

            rewrite.TakeWeight(layer, rewrite.Once($"{Name} {layer.WeightName}", () => AddHalves(rewrite, layer, weights)));
            rewrite.Treated(layer, this, 16, 32);
            treated++;
        }

        if (treated == 0) throw new RecipeNotApplicableException("Every layer has weights beyond the range of 16-bit floating-point numbers.");
    }

    static string AddHalves(NetworkRewrite rewrite, WeightedLayer layer, float[] weights)
    {
        var halves = new Half[weights.Length];
        Float16Weights.Convert(weights, halves);
        string stored = rewrite.AddInitializer(layer.WeightName + "_h", Tensor.Of<Half>(ElementType.Float16, [.. layer.WeightDimensions], halves));
        return rewrite.Add(NodeBuilder.Node("Cast", [stored], [rewrite.Fresh(layer.WeightName + "_w")]).With("to", (long)ElementType.Float32));
    }
}
