using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Measurement;

/// <summary>How the runtime executes a variant: the operators left after its rewriting, and what became of each layer.</summary>
/// <remarks>
/// Fusion is the proof that quantization works: a quantized layer that the runtime did not fuse computes in float and pays for the conversions.
/// A layer is traced by marks: the variant's nodes are renamed (<see cref="Mark"/>), the runtime rewrites the marked graph, and what is
/// left is known again by its mark, or by a value that the variant has too. Layers that were folded into constants or into an
/// operator of several layers (attention) are <see cref="LayerExecution.Operator"/> null. Only the main graph is looked at.
/// </remarks>
/// <param name="Operators">Nodes by operator, most frequent first.</param>
/// <param name="Layers">One for each layer asked for, in that order.</param>
/// <param name="Findings">"unfused-quantization" where quantized layers compute in float; "quantized-by-runtime" where float layers compute with integers.</param>
public sealed record FusionReport(
    ImmutableArray<OperatorCount> Operators, ImmutableArray<LayerExecution> Layers, ImmutableArray<Finding> Findings)
{
    const int MostNamesInFinding = 5;

    /// <summary>A copy of the variant whose nodes bear marks instead of names; the bytes of weights are shared.</summary>
    public static OnnxModel Mark(OnnxModel variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        var marked = variant.Clone();
        for (int i = 0; i < marked.Graph.Node.Count; i++) marked.Graph.Node[i].Name = string.Create(CultureInfo.InvariantCulture, $"kneepoint.{i};");
        return marked;
    }

    /// <summary>Compares a marked variant with what the runtime made of it.</summary>
    /// <param name="marked">From <see cref="Mark"/>.</param>
    /// <param name="optimized">The marked variant after the runtime's rewriting.</param>
    /// <param name="layers">Names of layers: the first output of the layer's node in the baseline.</param>
    /// <param name="quantizedLayers">Those of them that are to compute with integers.</param>
    /// <exception cref="OnnxModelException">A graph is malformed.</exception>
    public static FusionReport Of(
        OnnxModel marked, OnnxModel optimized, IReadOnlyCollection<string> layers, IReadOnlyCollection<string> quantizedLayers)
    {
        ArgumentNullException.ThrowIfNull(marked);
        ArgumentNullException.ThrowIfNull(optimized);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(quantizedLayers);
        var nodes = new ExecutedNodes(marked, optimized.Graph);
        var executions = layers.Select(layer => Execution(layer, nodes.ComputerOf(layer))).ToImmutableArray();
        var quantized = quantizedLayers.ToHashSet(StringComparer.Ordinal);
        return new FusionReport(Count(optimized.Graph), executions, [
            .. Doubts(executions.Where(layer => quantized.Contains(layer.Layer))), .. Surprises(executions.Where(layer => !quantized.Contains(layer.Layer)))]);
    }

    /// <summary>The number of nodes of an operator, whatever its domain.</summary>
    public int CountOf(string operation) => Operators.Where(count => count.Operator == operation).Sum(count => count.Nodes);

    static ImmutableArray<OperatorCount> Count(GraphProto graph) =>
    [
        .. graph.Node.GroupBy(node => (Domain: node.IsStandard() ? "" : node.Domain, node.OpType))
            .Select(group => new OperatorCount(group.Key.Domain, group.Key.OpType, group.Count()))
            .OrderByDescending(count => count.Nodes).ThenBy(count => count.Domain, StringComparer.Ordinal)
            .ThenBy(count => count.Operator, StringComparer.Ordinal),
    ];

    static LayerExecution Execution(string layer, NodeProto? node) => node is null
        ? new LayerExecution(layer, null, null, IsFused: false)
        : new LayerExecution(layer, node.IsStandard() ? "" : node.Domain, node.OpType, ExecutedNodes.Fused.Contains(node.OpType));

    static ImmutableArray<Finding> Doubts(IEnumerable<LayerExecution> quantized)
    {
        var unfused = quantized.Where(layer => !layer.IsFused).ToArray();
        if (unfused.Length == 0) return [];
        return
        [
            new Finding("unfused-quantization", FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"{unfused.Length} quantized layers are not run by a fused integer kernel and gain little or no speed: {Names(unfused)}.")),
        ];
    }

    // Between QuantizeLinear pairs the runtime rounds the weights of a float Conv or Gemm at load, with one scale for the whole tensor.
    static ImmutableArray<Finding> Surprises(IEnumerable<LayerExecution> kept)
    {
        var rounded = kept.Where(layer => layer.Operator is "QLinearConv" or "QGemm").ToArray();
        if (rounded.Length == 0) return [];
        return
        [
            new Finding("quantized-by-runtime", FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"The runtime computes {rounded.Length} layers with integers that the network keeps in float: {Names(rounded)}. It rounds their weights to 8 bits at load.")),
        ];
    }

    static string Names(LayerExecution[] layers)
    {
        string names = string.Join(", ", layers.Take(MostNamesInFinding).Select(layer => $"'{layer.Layer}' ({layer.Operator ?? "not found"})"));
        return layers.Length > MostNamesInFinding
            ? string.Create(CultureInfo.InvariantCulture, $"{names} and {layers.Length - MostNamesInFinding} more")
            : names;
    }
}

/// <summary>How often an operator occurs.</summary>
/// <param name="Domain">"" for the standard domain.</param>
/// <param name="Operator">The operator's type: "QLinearConv".</param>
/// <param name="Nodes">The number of nodes.</param>
public sealed record OperatorCount(string Domain, string Operator, int Nodes);

/// <summary>How a layer is executed.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Domain">The domain of the operator that computes it, "" for the standard one; null where it was not found.</param>
/// <param name="Operator">The operator that computes it: "QLinearConv"; null where it was not found.</param>
/// <param name="IsFused">Whether that operator takes quantized numbers and does the conversions itself.</param>
public sealed record LayerExecution(string Layer, string? Domain, string? Operator, bool IsFused);
