using System.Text.Json;
using Kneepoint.Coding;
using Kneepoint.Coding.Packing;

namespace Kneepoint.App.Commands;

/// <summary>A packed file as a program reads it.</summary>
static class PackedJson
{
    const double BitsPerByte = 8;

    /// <summary>Writes one document to standard output.</summary>
    public static void Write(PackedInspection inspection)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, InspectJson.Options)) Write(json, inspection);
        output.Write("\n"u8);
    }

    /// <summary>A form as programs name it.</summary>
    public static string Name(TensorForm form) => JsonNamingPolicy.CamelCase.ConvertName(form.ToString());

    /// <summary>Writes a section.</summary>
    public static void WriteSection(Utf8JsonWriter json, string name, PackedSection section)
    {
        json.WriteStartObject(name);
        WriteSizes(json, section);
        json.WriteEndObject();
    }

    /// <summary>Several sections together.</summary>
    public static PackedSection Sum(IReadOnlyCollection<PackedSection> sections) => new(sections.Sum(section => section.ModelBytes), sections.Sum(section => section.PackedBytes));

    static void Write(Utf8JsonWriter json, PackedInspection inspection)
    {
        var contents = inspection.Contents;
        json.WriteStartObject();
        json.WriteString("kneepoint", InspectJson.ProgramVersion);
        json.WriteString("packed", Path.GetFileName(inspection.File));
        json.WriteNumber("version", contents.Version);
        json.WriteNumber("packedBytes", contents.PackedBytes);
        json.WriteNumber("modelBytes", contents.Model.Length);
        json.WriteNumber("headerBytes", contents.HeaderBytes);
        WriteSection(json, "graph", contents.Graph);
        json.WriteStartArray("groups");
        foreach (var group in contents.Groups)
        {
            json.WriteStartObject();
            WriteSizes(json, group);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tensors");
        foreach (var tensor in contents.Tensors.OrderByDescending(tensor => tensor.NumberBits + tensor.SideBits)) Write(json, tensor);
        json.WriteEndArray();
        json.WriteStartObject("totals");
        long count = contents.Tensors.Sum(tensor => tensor.Count);
        WriteBits(json, count, contents.Tensors.Sum(tensor => tensor.NumberBits), contents.Tensors.Sum(tensor => tensor.SideBits));
        json.WriteEndObject();
        if (inspection.Network is { } network)
        {
            json.WritePropertyName("network");
            InspectJson.Write(json, network);
        }
        else
        {
            json.WriteNull("network");
            json.WriteString("networkRefusal", inspection.Refusal);
        }

        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, PackedTensor tensor)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("type", tensor.Type.ToString());
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteNumber("offset", tensor.Offset);
        json.WriteNumber("modelBytes", tensor.ModelBytes);
        WriteBits(json, tensor.Count, tensor.NumberBits, tensor.SideBits);
        json.WriteStartArray("parts");
        foreach (var part in tensor.Parts)
        {
            json.WriteStartObject();
            json.WriteNumber("group", part.Group);
            json.WriteString("form", Name(part.Form));
            json.WriteString("code", part.Form == TensorForm.Copy ? null : JsonNamingPolicy.CamelCase.ConvertName(part.Code.ToString()));
            json.WriteNumber("modelBytes", part.ModelBytes);
            WriteBits(json, part.Count, part.NumberBits, part.SideBits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteSizes(Utf8JsonWriter json, PackedSection section)
    {
        json.WriteNumber("modelBytes", section.ModelBytes);
        json.WriteNumber("packedBytes", section.PackedBytes);
    }

    static void WriteBits(Utf8JsonWriter json, long count, double numberBits, double sideBits)
    {
        json.WriteNumber("count", count);
        json.WriteNumber("bitsPerNumber", count == 0 ? 0 : Math.Round((numberBits + sideBits) / count, 6));
        json.WriteNumber("numberBytes", Math.Round(numberBits / BitsPerByte, 3));
        json.WriteNumber("sideBytes", Math.Round(sideBits / BitsPerByte, 3));
    }
}
