using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Measurement.Latency;

/// <summary>What each node that the runtime executes has to do: counted, not timed.</summary>
/// <remarks>
/// An executed node does the multiply–accumulates of the network's node that it was made of, which is found as in <see cref="FusionReport"/>; what it reads and writes has the shapes that these values have in the network. Products whose node is not found again, since they are
/// part of an operator of several layers or of a subgraph, stand last as work of no operator.
/// </remarks>
static class ExecutedWork
{
    /// <summary>Counts.</summary>
    /// <param name="marked">The network with marks (<see cref="FusionReport.Mark"/>).</param>
    /// <param name="executed">What the runtime made of it.</param>
    /// <param name="cost">The network's counts.</param>
    /// <param name="shapes">The shapes of the network's values.</param>
    /// <returns>One for each executed node in their order, and then what is left.</returns>
    /// <exception cref="OnnxModelException">A graph is malformed.</exception>
    public static ImmutableArray<NodeWork> Of(OnnxModel marked, GraphProto executed, NetworkCost cost, ShapeTable shapes)
    {
        ArgumentNullException.ThrowIfNull(marked);
        ArgumentNullException.ThrowIfNull(executed);
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(shapes);
        var nodes = new ExecutedNodes(marked, executed);
        var counts = new Dictionary<string, NodeCost>(StringComparer.Ordinal);
        foreach (var node in cost.Nodes.Where(node => node.Name.Length > 0)) counts.TryAdd(node.Name, node);
        var work = ImmutableArray.CreateBuilder<NodeWork>();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in executed.Node) work.Add(WorkOf(node));
        work.AddRange(cost.Nodes.Where(node => node.Macs > 0 && !found.Contains(node.Name)).Select(node => Product(node, "", isGrouped: false)));
        return work.ToImmutable();

        NodeWork WorkOf(NodeProto node)
        {
            string name = node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
            var product = new NodeWork(name, 0, 0, 0, 0);
            if (nodes.ComputedBy(node) is { } written && counts.TryGetValue(NameOf(written), out var count))
            {
                found.Add(count.Name);
                product = Product(count, name, written.GetInt("group", 1) > 1);
            }

            long output = node.Output.Sum(Elements);
            if (output == 0 && nodes.OriginOf(node) is { } origin) output = Elements(NameOf(origin));
            long input = Elements(node.InputOrEmpty(0));
            return product with { InputElements = input, OutputElements = output == 0 ? input : output };
        }

        long Elements(string value) => value.Length > 0 && (shapes[value] ?? shapes[ExecutedNodes.Narrow(value)]) is { } shape ? shape.ElementCount : 0;
    }

    // As counts name a node: its first output may be left out, such as the sequence of an LSTM.
    static string NameOf(NodeProto node) => node.Output.FirstOrDefault(value => value.Length > 0) ?? "";

    // Each weight meets as many places as there are outputs for one channel.
    static NodeWork Product(NodeCost node, string name, bool isGrouped)
    {
        long macs = node.Macs ?? 0, elements = node.Output?.ElementCount ?? 0;
        if (node.Output is not { Dimensions: { Length: > 0 } dimensions } || elements == 0) return new NodeWork(name, macs, 0, 0, elements);
        bool isConvolution = node.Operator.Contains("Conv", StringComparison.Ordinal) && dimensions.Length > 1;
        long places = elements / Math.Max(1, isConvolution ? dimensions[1] : dimensions[^1]);
        return new NodeWork(name, macs, macs / Math.Max(1, places), 0, elements) { IsGrouped = isGrouped };
    }
}

/// <summary>What one executed node has to do.</summary>
/// <param name="Operator">The operator, with its domain where it is not a standard one; empty for products whose node was not found.</param>
/// <param name="Macs">Multiply–accumulates.</param>
/// <param name="Weights">Numbers that it multiplies with, each of which it reads at least once.</param>
/// <param name="InputElements">Elements of what it is fed first; 0 where not known.</param>
/// <param name="OutputElements">Elements that it makes; 0 where not known.</param>
sealed record NodeWork(string Operator, long Macs, long Weights, long InputElements, long OutputElements)
{
    /// <summary>Whether it is a convolution in groups, such as a depthwise one.</summary>
    public bool IsGrouped { get; init; }
}
