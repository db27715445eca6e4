using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>A way to make layers smaller or faster, with its options: immutable, checked when made.</summary>
public abstract record CompressionMethod
{
    private protected CompressionMethod()
    {
    }

    /// <summary>The name in recipes, kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence on what it does.</summary>
    public abstract string Summary { get; }

    /// <summary>Whether it treats the whole network and takes no list of layers.</summary>
    public virtual bool TreatsWholeNetwork => false;

    /// <summary>Whether it needs statistics of activations; <see cref="Compressor.RequiredActivations"/> says which.</summary>
    public virtual bool NeedsActivations => false;

    /// <summary>Whether it needs the moments of what its layers are fed; <see cref="Compressor.RequiredMoments"/> says which.</summary>
    public virtual bool NeedsMoments => false;

    /// <summary>Whether the variant is neither smaller nor faster until it is packed.</summary>
    public virtual bool PaysOnlyWhenPacked => false;

    /// <summary>Whether it fits layers to what the rounded layers before feed them.</summary>
    internal virtual bool IsSuccessive => false;

    /// <summary>The options as recipes write them; those at their default are left out.</summary>
    public abstract ImmutableSortedDictionary<string, string> Options { get; }

    /// <summary>Whether the method can treat a layer.</summary>
    /// <param name="layer">A layer of <see cref="Compressor.LayersOf"/>.</param>
    /// <param name="index">The index of the layer's graph.</param>
    /// <returns>Null if it can, else the reason as a clause that goes on from "it": "transposes its activation".</returns>
    public abstract string? WhyNot(WeightedLayer layer, GraphIndex index);

    /// <summary>What the layer's weights take in the file after this method: codes, scales and the nodes that unpack them.</summary>
    /// <returns>Bytes, estimated within a few per cent for layers of more than 1,000 weights; names and protobuf tags are averages.</returns>
    public abstract long EstimateBytes(WeightedLayer layer);

    /// <summary>The step that applies this method.</summary>
    /// <param name="layers">Layers in the baseline's order; "*" for all that it can treat.</param>
    public Step ToStep(params ImmutableArray<string> layers) => new(Name, layers, Options);

    /// <summary>Name and options: "static-int8 range=mse".</summary>
    public string ToText() => string.Join(' ', Options.Select(option => $"{option.Key}={option.Value}").Prepend(Name));

    internal abstract void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers);
}
