using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kneepoint.App.Commands;

/// <summary>The methods as a program reads them.</summary>
static class MethodsJson
{
    static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document to standard output.</summary>
    public static void Write(MethodList list)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, Options)) Write(json, list);
        output.Write("\n"u8);
    }

    static void Write(Utf8JsonWriter json, MethodList list)
    {
        json.WriteStartObject();
        json.WriteString("kneepoint", typeof(MethodsJson).Assembly.GetName().Version?.ToString(3) ?? "0");
        if (list.ModelFile is not null)
        {
            json.WriteString("model", Path.GetFileName(list.ModelFile));
            json.WriteNumber("layers", list.LayerCount);
        }

        json.WriteStartArray("methods");
        foreach (var entry in list.Entries) WriteEntry(json, entry);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteEntry(Utf8JsonWriter json, MethodEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("name", entry.Name);
        json.WriteString("treats", entry.Treats);
        json.WriteString("summary", entry.Summary);
        json.WriteStartArray("options");
        foreach (var option in entry.Options)
        {
            json.WriteStartObject();
            json.WriteString("name", option.Name);
            json.WriteString("default", option.Default);
            json.WriteStartArray("values");
            foreach (string value in option.Values) json.WriteStringValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (entry.Layers is { } layers)
        {
            json.WriteNumber("layers", layers);
            json.WriteStartArray("left");
            foreach (var (reason, count) in entry.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("reason", reason);
                json.WriteNumber("layers", count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
