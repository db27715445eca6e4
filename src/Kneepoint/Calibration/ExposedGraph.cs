using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Calibration;

/// <summary>Copies of a model that give intermediate values out.</summary>
static class ExposedGraph
{
    /// <summary>A copy whose outputs are the given values; what they do not need is left out, the inputs stay.</summary>
    /// <param name="model">Not changed.</param>
    /// <param name="values">Values that nodes of the main graph make.</param>
    public static OnnxModel Of(OnnxModel model, IEnumerable<string> values)
    {
        var exposed = model.Clone();
        var graph = exposed.Graph;
        graph.Output.Clear();

        // Without a type: the runtime infers it.
        foreach (string value in values) graph.Output.Add(new ValueInfoProto { Name = value });
        GraphPruning.Prune(graph);
        return exposed;
    }

    /// <summary>A copy whose outputs are the element counts of the given values, in their order.</summary>
    public static OnnxModel Sizes(OnnxModel model, IReadOnlyList<string> values)
    {
        var counting = model.Clone();
        var index = new GraphIndex(counting);
        counting.Graph.Output.Clear();
        foreach (string value in values)
        {
            string count = index.FreshName($"{value}_element_count");
            counting.Graph.Node.Add(NodeBuilder.Node("Size", [value], [count]));
            counting.Graph.Output.Add(new ValueInfoProto { Name = count });
        }

        GraphPruning.Prune(counting.Graph);
        return counting;
    }
}
