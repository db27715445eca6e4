using System.Text.Encodings.Web;
using System.Text.Json;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.App.Commands;

/// <summary>An inspected network as a program reads it.</summary>
static class InspectJson
{
    /// <summary>How documents are written.</summary>
    public static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The version of this program.</summary>
    public static string ProgramVersion { get; } = typeof(InspectJson).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Writes one document to standard output.</summary>
    public static void Write(Inspection inspection)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, Options)) Write(json, inspection);
        output.Write("\n"u8);
    }

    /// <summary>Writes an object.</summary>
    public static void Write(Utf8JsonWriter json, Inspection inspection)
    {
        var cost = inspection.Cost;
        json.WriteStartObject();
        json.WriteString("kneepoint", ProgramVersion);
        json.WriteString("model", Path.GetFileName(inspection.File));
        json.WriteNumber("opset", inspection.Opset);
        json.WriteStartArray("inputs");
        foreach (var (name, shape) in inspection.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            WriteShape(json, shape);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("totals");
        json.WriteNumber("parameters", cost.Parameters);
        json.WriteNumber("weightBytes", cost.WeightBytes);
        json.WriteNumber("macs", cost.Macs);
        json.WriteNumber("bitOps", cost.BitOps);
        json.WriteNumber("activationBytes", cost.ActivationBytes);
        WriteNumber(json, "activationPeakBytes", inspection.ActivationPeakBytes);
        json.WriteEndObject();
        json.WriteStartArray("nodes");
        foreach (var node in cost.Nodes) WriteNode(json, node);
        json.WriteEndArray();
        json.WriteStartArray("uncounted");
        foreach (var operation in cost.Uncounted)
        {
            json.WriteStartObject();
            json.WriteString("operator", operation.Operator);
            json.WriteNumber("nodes", operation.Nodes);
            json.WriteString("reason", operation.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in inspection.Findings)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("severity", finding.Severity == FindingSeverity.Warning ? "warning" : "note");
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteNode(Utf8JsonWriter json, NodeCost node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteString("operator", node.Operator);
        json.WriteNumber("parameters", node.Parameters);
        json.WriteNumber("weightBytes", node.WeightBytes);
        WriteNumber(json, "activationBytes", node.ActivationBytes);
        WriteNumber(json, "macs", node.Macs);
        WriteNumber(json, "bitOps", node.BitOps);
        if (node.WeightBits > 0)
        {
            json.WriteNumber("weightBits", node.WeightBits);
            json.WriteNumber("activationBits", node.ActivationBits);
        }

        if (node.Output is not null) WriteShape(json, node.Output);
        json.WriteEndObject();
    }

    static void WriteShape(Utf8JsonWriter json, ValueShape shape)
    {
        json.WriteString("type", shape.ElementType.ToString());
        json.WriteStartArray("shape");
        foreach (long size in shape.Dimensions) json.WriteNumberValue(size);
        json.WriteEndArray();
    }

    static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
