using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Walks over every tensor that a model stores, in subgraphs, attributes and functions too.</summary>
static class ModelTensors
{
    /// <summary>All tensors in the order of the file.</summary>
    public static IEnumerable<TensorProto> All(ModelProto model) => Graphs(model).SelectMany(OfGraph)
        .Concat(model.Functions.SelectMany(function => function.Node).SelectMany(OfAttributes));

    /// <summary>All initializers of the main graph and of every subgraph: the tensors that the runtime takes from external files.</summary>
    public static IEnumerable<TensorProto> Initializers(ModelProto model) => Graphs(model).SelectMany(graph => graph.Initializer);

    /// <summary>The main graph, the graphs of training information, and all subgraphs of them and of functions, outer before inner.</summary>
    public static IEnumerable<GraphProto> Graphs(ModelProto model)
    {
        var roots = new List<GraphProto?> { model.Graph };
        foreach (var training in model.TrainingInfo) roots.AddRange([training.Initialization, training.Algorithm]);
        foreach (var function in model.Functions) roots.AddRange(function.Node.SelectMany(node => node.Subgraphs()));
        return roots.OfType<GraphProto>().SelectMany(WithSubgraphs);
    }

    /// <summary>A graph and all graphs inside it, outer before inner. The reader bounds the depth of nesting.</summary>
    public static IEnumerable<GraphProto> WithSubgraphs(GraphProto graph) =>
        graph.Node.SelectMany(node => node.Subgraphs()).SelectMany(WithSubgraphs).Prepend(graph);

    static IEnumerable<TensorProto> OfGraph(GraphProto graph)
    {
        foreach (var initializer in graph.Initializer) yield return initializer;
        foreach (var sparse in graph.SparseInitializer)
        {
            if (sparse.Values is not null) yield return sparse.Values;
            if (sparse.Indices is not null) yield return sparse.Indices;
        }

        foreach (var node in graph.Node)
        {
            foreach (var tensor in OfAttributes(node)) yield return tensor;
        }
    }

    static IEnumerable<TensorProto> OfAttributes(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.T is not null) yield return attribute.T;
            foreach (var tensor in attribute.Tensors) yield return tensor;
            foreach (var sparse in attribute.SparseTensors.Prepend(attribute.SparseTensor))
            {
                if (sparse?.Values is not null) yield return sparse.Values;
                if (sparse?.Indices is not null) yield return sparse.Indices;
            }
        }
    }
}
