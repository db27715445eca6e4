using System.Collections.Immutable;
using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>Removes from the file what does not change what the network computes.</summary>
/// <remarks>
/// Unused nodes and initializers, Identity and inference Dropout, doubles of initializers, documentation, shape annotations, node names, attributes
/// at their default; inner values get names of one to three letters, the most used the shortest. Names, order, types and shapes of the graph's inputs and outputs and the
/// model's metadata stay. In small networks the text weighs more than the weights.
/// </remarks>
public sealed record CompactGraph : CompressionMethod
{
    internal const string MethodName = "compact";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "names, doubles and annotations removed; nothing that is computed changes";

    /// <inheritdoc/>
    public override bool TreatsWholeNetwork => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return TensorData.StoredBytes(layer.Weight);
    }

    // Compacting comes after every step; there is nothing left to do.
    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
    }

    /// <summary>Compacts the network.</summary>
    internal static void Compact(NetworkRewrite rewrite)
    {
        var model = rewrite.Model;
        var graph = rewrite.Graph;
        ConstantsToInitializers(graph);
        RemovePassThrough(rewrite);
        RemoveUnused(graph);
        MergeDoubles(rewrite);
        RemoveUnused(graph);
        GraphOrder.Sort(graph);
        model.Proto.ClearProducerName();
        model.Proto.ClearProducerVersion();
        model.Proto.ClearDomain();
        model.Proto.ClearModelVersion();
        model.Proto.ClearDocString();
        RemoveUnusedImports(model.Proto);
        Strip(graph);
        rewrite.RenameValues(ShortNames.Apply(graph));
        rewrite.Changed();
    }

    internal static void ConstantsToInitializers(GraphProto graph)
    {
        var constants = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Node)
        {
            if (!node.IsStandard("Constant") || !node.TryGetTensor("value", out var tensor) || node.FirstOutput().Length == 0) continue;
            var initializer = tensor.Clone();
            initializer.Name = node.Output[0];
            graph.Initializer.Add(initializer);
            constants.Add(node);
        }

        Keep(graph, node => !constants.Contains(node));
    }

    static void RemovePassThrough(NetworkRewrite rewrite)
    {
        rewrite.Changed();
        var graph = rewrite.Graph;
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        var removed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Node)
        {
            if (!IsPassThrough(node, rewrite.Index) || outputs.Contains(node.Output[0])) continue;
            string source = node.Input[0];
            sources.Add(node.Output[0], sources.GetValueOrDefault(source, source));
            removed.Add(node);
        }

        if (removed.Count == 0) return;
        Keep(graph, node => !removed.Contains(node));
        ShortNames.ReplaceUses(graph, sources);
        rewrite.RenameValues(sources);
        rewrite.Changed();
    }

    static bool IsPassThrough(NodeProto node, GraphIndex index)
    {
        if (node.Input.Count == 0 || node.Output.Count == 0) return false;
        if (node.IsStandard("Identity")) return true;
        return node.IsStandard("Dropout") && node.InputOrEmpty(2).Length == 0
            && node.Output.Skip(1).All(mask => mask.Length == 0 || (!index.IsGraphOutput(mask) && index.Consumers(mask).Count == 0));
    }

    static void RemoveUnused(GraphProto graph)
    {
        var used = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        // The nodes are sorted but for those that a method added: repeat until nothing new is used.
        for (int before = -1; before != kept.Count;)
        {
            before = kept.Count;
            foreach (var node in graph.Node.Reverse())
            {
                if (!kept.Contains(node) && node.Output.Any(used.Contains) && kept.Add(node)) used.UnionWith(GraphOrder.InputsOf(node));
            }
        }

        Keep(graph, kept.Contains);
        var initializers = graph.Initializer.Where(initializer => used.Contains(initializer.Name)).ToArray();
        if (initializers.Length == graph.Initializer.Count) return;
        graph.Initializer.Clear();
        graph.Initializer.AddRange(initializers);
    }

    static void MergeDoubles(NetworkRewrite rewrite)
    {
        var graph = rewrite.Graph;
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var first = new Dictionary<(int, string, ByteString), string>();
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Initializer.Count; i++)
        {
            var initializer = graph.Initializer[i];
            if (TensorData.TypeOf(initializer) == ElementType.String || TensorData.IsExternal(initializer)) continue;
            if (!initializer.HasRawData)
            {
                initializer = TensorData.Write(initializer.Name, TensorData.Read(initializer, rewrite.Model));
                graph.Initializer[i] = initializer;
            }

            if (outputs.Contains(initializer.Name)) continue;
            var key = (initializer.DataType, string.Join(',', initializer.Dims), initializer.RawData);
            if (!first.TryAdd(key, initializer.Name)) same.Add(initializer.Name, first[key]);
        }

        ShortNames.ReplaceUses(graph, same);
    }

    static void RemoveUnusedImports(ModelProto model)
    {
        if (model.Functions.Count > 0) return;
        var domains = ModelTensors.Graphs(model).SelectMany(graph => graph.Node).Select(node => node.Domain).ToHashSet(StringComparer.Ordinal);
        for (int i = model.OpsetImport.Count - 1; i >= 0; i--)
        {
            string domain = model.OpsetImport[i].Domain;
            if (domain is not ("" or "ai.onnx") && !domains.Contains(domain)) model.OpsetImport.RemoveAt(i);
        }
    }

    static void Strip(GraphProto graph)
    {
        graph.Name = "g";
        graph.ClearDocString();
        graph.ValueInfo.Clear();
        graph.MetadataProps.Clear();
        graph.QuantizationAnnotation.Clear();
        foreach (var value in graph.Input.Concat(graph.Output))
        {
            value.ClearDocString();
            value.MetadataProps.Clear();
        }

        foreach (var initializer in graph.Initializer) initializer.ClearDocString();
        foreach (var node in graph.Node)
        {
            node.ClearName();
            node.ClearDocString();
            node.MetadataProps.Clear();
            DefaultAttributes.Remove(node);
            foreach (var subgraph in node.Subgraphs()) Strip(subgraph);
        }
    }

    static void Keep(GraphProto graph, Func<NodeProto, bool> isKept)
    {
        var kept = graph.Node.Where(isKept).ToArray();
        if (kept.Length == graph.Node.Count) return;
        graph.Node.Clear();
        graph.Node.AddRange(kept);
    }
}
