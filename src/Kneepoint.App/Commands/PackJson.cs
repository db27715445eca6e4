using System.Text.Json;

namespace Kneepoint.App.Commands;

/// <summary>A packed network as a program reads it.</summary>
static class PackJson
{
    /// <summary>Writes one document to standard output.</summary>
    public static void Write(Packing packing)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, InspectJson.Options))
        {
            var contents = packing.Contents;
            json.WriteStartObject();
            json.WriteString("kneepoint", InspectJson.ProgramVersion);
            json.WriteString("model", packing.Model);
            json.WriteStartArray("externalFiles");
            foreach (string file in packing.ExternalFiles) json.WriteStringValue(Path.GetFileName(file));
            json.WriteEndArray();
            json.WriteString("packed", packing.Packed);
            json.WriteString("mode", "lossless");
            json.WriteNumber("fileBytes", packing.FileBytes);
            json.WriteNumber("packedBytes", contents.PackedBytes);
            json.WriteNumber("ratio", (double)contents.PackedBytes / packing.FileBytes);
            PackedJson.WriteSection(json, "graph", contents.Graph);
            PackedJson.WriteSection(json, "tensors", PackedJson.Sum(contents.Groups));
            json.WriteNumber("packSeconds", packing.PackTime.TotalSeconds);
            json.WriteNumber("checkSeconds", packing.CheckTime.TotalSeconds);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
