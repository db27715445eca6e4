using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>Makes nodes and value descriptions; attributes are added by <see cref="NodeAttributes.With(NodeProto, string, long)"/>.</summary>
public static class NodeBuilder
{
    /// <summary>Makes a node that bears the name of its first output.</summary>
    /// <param name="opType">The operator.</param>
    /// <param name="inputs">Names of values; an empty name leaves an optional input out.</param>
    /// <param name="outputs">Names of values, unique in the graph.</param>
    /// <param name="domain">Empty for the standard operators.</param>
    public static NodeProto Node(string opType, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs, string domain = "")
    {
        var node = new NodeProto { OpType = opType };
        foreach (string input in inputs) node.Input.Add(input);
        foreach (string output in outputs) node.Output.Add(output);
        if (node.FirstOutput().Length > 0) node.Name = node.FirstOutput();
        if (domain.Length > 0) node.Domain = domain;
        return node;
    }

    /// <summary>Describes a tensor value.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="elementType">The type of its elements.</param>
    /// <param name="dimensions">Outermost first; −1 where the size is free.</param>
    public static ValueInfoProto Value(string name, ElementType elementType, ReadOnlySpan<long> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (long dimension in dimensions)
        {
            var proto = new TensorShapeProto.Types.Dimension();
            if (dimension >= 0) proto.DimValue = dimension;
            shape.Dim.Add(proto);
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)elementType, Shape = shape } },
        };
    }
}
