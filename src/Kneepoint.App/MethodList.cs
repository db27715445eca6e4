using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;

namespace Kneepoint.App;

/// <summary>The methods, each with its options and, where there is a network, the layers that it can treat.</summary>
/// <param name="ModelFile">The network; null where none is given.</param>
/// <param name="LayerCount">Its layers.</param>
/// <param name="Entries">The methods in the order in which they may stand in a recipe.</param>
sealed record MethodList(string? ModelFile, int LayerCount, ImmutableArray<MethodEntry> Entries)
{
    /// <summary>Lists methods.</summary>
    /// <param name="names">Some of them; empty for all.</param>
    /// <param name="modelFile">An ONNX file; null for none.</param>
    /// <exception cref="CommandLineException">A name is unknown.</exception>
    /// <exception cref="OnnxModelException">The file is malformed.</exception>
    public static MethodList Of(IReadOnlyCollection<string> names, string? modelFile)
    {
        string? unknown = names.FirstOrDefault(name => !MethodCatalog.Names.Contains(name));
        if (unknown is not null) throw new CommandLineException($"NAME: expected names of {string.Join(", ", MethodCatalog.Names)}; found '{unknown}'.");
        var model = modelFile is null ? null : OnnxModel.Load(modelFile);
        var layers = model is null ? [] : Compressor.LayersOf(model);
        var index = model is null ? null : new GraphIndex(model);
        return new MethodList(modelFile, layers.Length,
            [.. MethodCatalog.Usual.Where(method => names.Count == 0 || names.Contains(method.Name)).Select(method => MethodEntry.Of(method, layers, index))]);
    }
}

/// <summary>A method.</summary>
/// <param name="Name">As recipes write it.</param>
/// <param name="Treats">"network before all others", "layers" or "whole network".</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Options">Its options.</param>
/// <param name="Layers">Layers that it can treat; null where there is no network, or it treats the network as a whole.</param>
/// <param name="Reasons">Why it leaves the others, with the number of layers.</param>
sealed record MethodEntry(string Name, string Treats, string Summary, IReadOnlyList<MethodOption> Options, int? Layers, ImmutableArray<(string Reason, int Count)> Reasons)
{
    /// <summary>Describes a method.</summary>
    public static MethodEntry Of(CompressionMethod method, IReadOnlyList<WeightedLayer> layers, GraphIndex? index)
    {
        string treats = method is RestructuringMethod ? "network, before others" : method.TreatsWholeNetwork ? "whole network" : "layers";
        var reasons = index is null || method.TreatsWholeNetwork ? [] : layers.Select(layer => method.WhyNot(layer, index)).ToArray();
        return new MethodEntry(method.Name, treats, method.Summary, MethodCatalog.OptionsOf(method.Name),
            index is null || method.TreatsWholeNetwork ? null : reasons.Count(reason => reason is null),
            [.. reasons.OfType<string>().CountBy(reason => reason).OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value))]);
    }
}
