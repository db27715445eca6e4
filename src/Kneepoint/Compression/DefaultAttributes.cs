using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression;

/// <summary>Removes attributes that say what is meant without them.</summary>
static class DefaultAttributes
{
    static readonly HashSet<string> Convolutions = new(StringComparer.Ordinal) { "Conv", "ConvTranspose", "MaxPool", "AveragePool" };

    /// <summary>Removes them from a node of the standard domain.</summary>
    public static void Remove(NodeProto node)
    {
        foreach (var attribute in node.Attribute) attribute.ClearDocString();
        if (!node.IsStandard()) return;
        for (int i = node.Attribute.Count - 1; i >= 0; i--)
        {
            var attribute = node.Attribute[i];
            if (!attribute.HasRefAttrName && IsDefault(node.OpType, attribute)) node.Attribute.RemoveAt(i);
        }
    }

    static bool IsDefault(string opType, AttributeProto attribute) => (opType, attribute.Name) switch
    {
        (_, "dilations" or "strides") when Convolutions.Contains(opType) => attribute.Ints.All(value => value == 1),
        (_, "pads" or "output_padding") when Convolutions.Contains(opType) => attribute.Ints.All(value => value == 0),
        ("Conv" or "ConvTranspose", "group") => attribute.I == 1,
        ("Conv" or "ConvTranspose" or "MaxPool" or "AveragePool", "auto_pad") => attribute.S.ToStringUtf8() == "NOTSET",
        ("MaxPool" or "AveragePool", "ceil_mode") => attribute.I == 0,
        ("MaxPool", "storage_order") or ("AveragePool", "count_include_pad") => attribute.I == 0,
        ("Gemm", "alpha" or "beta") => attribute.F == 1,
        ("Gemm", "transA" or "transB") => attribute.I == 0,
        ("Flatten", "axis") => attribute.I == 1,
        ("Gather", "axis") => attribute.I == 0,
        ("Reshape", "allowzero") => attribute.I == 0,
        _ => false,
    };
}
