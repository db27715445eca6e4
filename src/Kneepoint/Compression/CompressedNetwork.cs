using System.Collections.Immutable;
using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>The network that a recipe makes of a baseline.</summary>
/// <param name="Model">The variant: a new model; the baseline is left as it was. For the empty recipe, the baseline itself.</param>
/// <param name="Findings">What to know about the variant: parts kept in float, normalizations folded, constants that changed.</param>
/// <param name="Layers">What was done to each treated layer, in the baseline's order; layers that are not listed are as in the baseline.</param>
public sealed record CompressedNetwork(OnnxModel Model, ImmutableArray<Finding> Findings, ImmutableArray<TreatedLayer> Layers)
{
    /// <summary>The value in the variant that holds what a layer gives out, by the layer's name: of all layers, the treated ones as <see cref="TreatedLayer.Value"/> says. Layers that are gone are not listed.</summary>
    public ImmutableDictionary<string, string> Values { get; init; } = [];
}

/// <summary>What a recipe did to one layer.</summary>
/// <param name="Layer">The layer's name in recipes: the first output of its node in the baseline.</param>
/// <param name="OpType">The operator in the baseline.</param>
/// <param name="Method">The method's name, and its options where they differ from the default: "static-int8 range=mse".</param>
/// <param name="WeightBits">Bits per stored weight, without scales.</param>
/// <param name="ActivationBits">Bits per number that the weights are multiplied with.</param>
/// <param name="Value">The value in the variant that holds what the layer gives out, after its own activation function where that is computed
/// in the same kernel: fused kernels keep the name of their last output, so that this name finds them in the optimized graph.</param>
public sealed record TreatedLayer(string Layer, string OpType, string Method, int WeightBits, int ActivationBits, string Value);
