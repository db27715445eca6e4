using System.Text.Json;
using Kneepoint.Limits;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.App.Commands;

/// <summary>Limits as a program reads them.</summary>
static class LimitsJson
{
    /// <summary>Writes one document to standard output: the statements with their status and assumptions, then every figure; what is not finite is null.</summary>
    public static void Write(StudyLimits limits)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("statements");
            foreach (var statement in StatementList.All) Write(json, statement);
            json.WriteEndArray();
            using var document = JsonDocument.Parse(limits.ToJson());
            foreach (var member in document.RootElement.EnumerateObject())
            {
                json.WritePropertyName(member.Name);
                Copy(json, member.Value);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    static void Write(Utf8JsonWriter json, Statement statement)
    {
        json.WriteStartObject();
        json.WriteString("letter", statement.Letter.ToString());
        json.WriteString("name", statement.Name);
        json.WriteString("status", statement.StatusWord);
        json.WriteString("assumptions", statement.Assumptions);
        json.WriteEndObject();
    }

    static void Copy(Utf8JsonWriter json, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    Copy(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Copy(json, item);
                json.WriteEndArray();
                break;
            case JsonValueKind.String when element.GetString() is "Infinity" or "-Infinity" or "NaN":
                json.WriteNullValue();
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }
}
