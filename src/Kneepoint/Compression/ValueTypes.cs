using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>Finds the element type of every value of a main graph.</summary>
/// <remarks>As the model states them, else by the rules of the standard operators: most give the type of their first input.</remarks>
static class ValueTypes
{
    static readonly HashSet<string> GiveBool = new(StringComparer.Ordinal)
    {
        "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor",
    };

    static readonly HashSet<string> GiveInt64 = new(StringComparer.Ordinal) { "ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "Shape", "Size" };

    /// <summary>Types by value name.</summary>
    /// <exception cref="RecipeNotApplicableException">A node with subgraphs or of another domain gives a value whose type the model does not state.</exception>
    public static Dictionary<string, ElementType> Of(GraphProto graph, string method)
    {
        var types = new Dictionary<string, ElementType>(StringComparer.Ordinal);
        foreach (var initializer in graph.Initializer) types[initializer.Name] = TensorData.TypeOf(initializer);
        foreach (var input in graph.Input) types[input.Name] = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
        var declared = new Dictionary<string, ElementType>(StringComparer.Ordinal);
        foreach (var value in graph.ValueInfo.Concat(graph.Output))
        {
            if (value.Type?.TensorType is { ElemType: not 0 } tensor) declared[value.Name] = (ElementType)tensor.ElemType;
        }

        foreach (var node in graph.Node)
        {
            for (int i = 0; i < node.Output.Count; i++)
            {
                string output = node.Output[i];
                if (output.Length == 0) continue;
                types[output] = declared.TryGetValue(output, out var type) ? type
                    : node.IsStandard() && !node.Subgraphs().Any() ? OutputType(node, i, types)
                    : OfSubgraph(node, i) ?? throw new RecipeNotApplicableException($"{node.Place()} gives '{output}', whose type the model does not state; {method} needs to know it.");
            }
        }

        return types;
    }

    static ElementType? OfSubgraph(NodeProto node, int output)
    {
        // The body of a Loop gives its condition first.
        int place = node.OpType == "Loop" ? output + 1 : output;
        foreach (var subgraph in node.Subgraphs())
        {
            if (place < subgraph.Output.Count && subgraph.Output[place].Type?.TensorType is { ElemType: not 0 } tensor) return (ElementType)tensor.ElemType;
        }

        return null;
    }

    static ElementType OutputType(NodeProto node, int output, Dictionary<string, ElementType> types)
    {
        ElementType Input(int index) => types.GetValueOrDefault(node.InputOrEmpty(index));
        if (GiveBool.Contains(node.OpType)) return ElementType.Bool;
        if (GiveInt64.Contains(node.OpType)) return ElementType.Int64;
        switch (node.OpType)
        {
            case "Cast":
                return (ElementType)node.GetInt("to", 0);
            case "CastLike" or "Where":
                return Input(1);
            case "OneHot":
                return Input(2);
            case "Constant":
                return node.TryGetTensor("value", out var tensor) ? TensorData.TypeOf(tensor)
                    : node.Attribute("value_float") is not null || node.Attribute("value_floats") is not null ? ElementType.Float32
                    : node.Attribute("value_string") is not null || node.Attribute("value_strings") is not null ? ElementType.String : ElementType.Int64;
            case "ConstantOfShape":
                return node.TryGetTensor("value", out var fill) ? TensorData.TypeOf(fill) : ElementType.Float32;
            case "RandomNormal" or "RandomUniform":
                return (ElementType)node.GetInt("dtype", (long)ElementType.Float32);
            case "BlackmanWindow" or "HammingWindow" or "HannWindow" or "MelWeightMatrix":
                return (ElementType)node.GetInt("output_datatype", (long)ElementType.Float32);
            case "TfIdfVectorizer":
                return ElementType.Float32;
            case "EyeLike" or "RandomNormalLike" or "RandomUniformLike" or "Bernoulli":
                return node.Attribute("dtype") is null ? Input(0) : (ElementType)node.GetInt("dtype", 0);
            case "Multinomial":
                return (ElementType)node.GetInt("dtype", (long)ElementType.Int32);
            case "QuantizeLinear":
                return node.InputOrEmpty(2).Length > 0 ? Input(2) : ElementType.UInt8;
            case "DequantizeLinear":
                return Input(1);
            case "DynamicQuantizeLinear":
                return output == 1 ? ElementType.Float32 : ElementType.UInt8;
            case "MatMulInteger" or "ConvInteger":
                return ElementType.Int32;
            case "QLinearConv" or "QLinearMatMul":
                return Input(7);
            case "TopK" or "MaxPool" or "Unique" when output > 0:
                return ElementType.Int64;
            case "Dropout" when output == 1:
                return ElementType.Bool;
            default:
                return Input(0);
        }
    }
}
