using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;
using Kind = Kneepoint.Onnx.Protocol.AttributeProto.Types.AttributeType;

namespace Kneepoint.Onnx;

/// <summary>Reads and sets attributes of nodes.</summary>
/// <remarks>An attribute that is missing gives the stated default; one of another type than asked for is an error of the model.
/// Where an attribute occurs twice, the first counts.</remarks>
public static class NodeAttributes
{
    /// <summary>Where a node is, for sentences: "Node 'Conv_12' (Conv)"; nodes without a name go by their first output.</summary>
    public static string Place(this NodeProto node) => $"Node '{(node.Name.Length > 0 ? node.Name : node.FirstOutput())}' ({node.OpType})";

    /// <summary>The name of the first output; empty where there is none.</summary>
    public static string FirstOutput(this NodeProto node) => node.Output.Count > 0 ? node.Output[0] : "";

    /// <summary>The name of an input; empty where it is left out.</summary>
    public static string InputOrEmpty(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>Whether the node is an operator of the standard domain, which has the names "" and "ai.onnx".</summary>
    public static bool IsStandard(this NodeProto node) => node.Domain is "" or "ai.onnx";

    /// <summary>Whether the node is the given operator of the standard domain.</summary>
    public static bool IsStandard(this NodeProto node, string opType) => node.OpType == opType && node.IsStandard();

    /// <summary>Finds an attribute.</summary>
    public static AttributeProto? Attribute(this NodeProto node, string name)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.Name == name && !attribute.HasRefAttrName) return attribute;
        }

        return null;
    }

    /// <summary>Reads an integer.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static long GetInt(this NodeProto node, string name, long defaultValue) =>
        node.TryFind(name, Kind.Int, out var attribute) ? attribute.I : defaultValue;

    /// <summary>Reads a number.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static float GetFloat(this NodeProto node, string name, float defaultValue) =>
        node.TryFind(name, Kind.Float, out var attribute) ? attribute.F : defaultValue;

    /// <summary>Reads a text.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static string GetString(this NodeProto node, string name, string defaultValue) =>
        node.TryFind(name, Kind.String, out var attribute) ? attribute.S.ToStringUtf8() : defaultValue;

    /// <summary>Reads integers; null where the attribute is missing.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static long[]? GetInts(this NodeProto node, string name) =>
        node.TryFind(name, Kind.Ints, out var attribute) ? [.. attribute.Ints] : null;

    /// <summary>Reads numbers; null where the attribute is missing.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static float[]? GetFloats(this NodeProto node, string name) =>
        node.TryFind(name, Kind.Floats, out var attribute) ? [.. attribute.Floats] : null;

    /// <summary>Reads texts; null where the attribute is missing.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static string[]? GetStrings(this NodeProto node, string name) =>
        node.TryFind(name, Kind.Strings, out var attribute) ? [.. attribute.Strings.Select(text => text.ToStringUtf8())] : null;

    /// <summary>Finds a tensor.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static bool TryGetTensor(this NodeProto node, string name, [NotNullWhen(true)] out TensorProto? tensor)
    {
        tensor = node.TryFind(name, Kind.Tensor, out var attribute) ? attribute.T : null;
        return tensor is not null;
    }

    /// <summary>Finds a subgraph.</summary>
    /// <exception cref="OnnxModelException">The attribute holds something else.</exception>
    public static bool TryGetGraph(this NodeProto node, string name, [NotNullWhen(true)] out GraphProto? graph)
    {
        graph = node.TryFind(name, Kind.Graph, out var attribute) ? attribute.G : null;
        return graph is not null;
    }

    /// <summary>All subgraphs of a node, in the order of its attributes.</summary>
    public static IEnumerable<GraphProto> Subgraphs(this NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is not null) yield return attribute.G;
            foreach (var graph in attribute.Graphs) yield return graph;
        }
    }

    /// <summary>Sets an integer, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, long value)
    {
        node.Fresh(name, Kind.Int).I = value;
        return node;
    }

    /// <summary>Sets a number, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, float value)
    {
        node.Fresh(name, Kind.Float).F = value;
        return node;
    }

    /// <summary>Sets a text, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, string value)
    {
        node.Fresh(name, Kind.String).S = ByteString.CopyFromUtf8(value);
        return node;
    }

    /// <summary>Sets integers, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, ReadOnlySpan<long> values)
    {
        node.Fresh(name, Kind.Ints).Ints.AddRange(values.ToArray());
        return node;
    }

    /// <summary>Sets numbers, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, ReadOnlySpan<float> values)
    {
        node.Fresh(name, Kind.Floats).Floats.AddRange(values.ToArray());
        return node;
    }

    /// <summary>Sets a tensor, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, TensorProto value)
    {
        node.Fresh(name, Kind.Tensor).T = value;
        return node;
    }

    /// <summary>Sets a subgraph, in place of what was there.</summary>
    public static NodeProto With(this NodeProto node, string name, GraphProto value)
    {
        node.Fresh(name, Kind.Graph).G = value;
        return node;
    }

    /// <summary>Removes an attribute if it is there.</summary>
    public static NodeProto Without(this NodeProto node, string name)
    {
        for (int i = node.Attribute.Count - 1; i >= 0; i--)
        {
            if (node.Attribute[i].Name == name) node.Attribute.RemoveAt(i);
        }

        return node;
    }

    static AttributeProto Fresh(this NodeProto node, string name, Kind kind)
    {
        node.Without(name);
        var attribute = new AttributeProto { Name = name, Type = kind };
        node.Attribute.Add(attribute);
        return attribute;
    }

    static bool TryFind(this NodeProto node, string name, Kind kind, [NotNullWhen(true)] out AttributeProto? attribute)
    {
        attribute = node.Attribute(name);
        if (attribute is null) return false;

        // Writers of the first IR versions left the type out; what is set tells it.
        var found = attribute.HasType ? attribute.Type : KindOfContent(attribute, kind);
        return found == kind
            ? true
            : throw new OnnxModelException($"{node.Place()}, attribute '{name}': expected {Upper(kind)}, found {Upper(found)}.");
    }

    static Kind KindOfContent(AttributeProto attribute, Kind expected)
    {
        if (attribute.HasI) return Kind.Int;
        if (attribute.HasF) return Kind.Float;
        if (attribute.HasS) return Kind.String;
        if (attribute.T is not null) return Kind.Tensor;
        if (attribute.G is not null) return Kind.Graph;
        if (attribute.Ints.Count > 0) return Kind.Ints;
        if (attribute.Floats.Count > 0) return Kind.Floats;
        return attribute.Strings.Count > 0 ? Kind.Strings : expected;
    }

    static string Upper(Kind kind) => kind.ToString().ToUpperInvariant();
}
