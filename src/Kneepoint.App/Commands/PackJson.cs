using System.Text.Json;
using Kneepoint.Measurement;
using Kneepoint.Studies;

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
            json.WriteString("mode", packing.Loss is null ? "lossless" : "lossy");
            json.WriteNumber("fileBytes", packing.FileBytes);
            json.WriteNumber("packedBytes", contents.PackedBytes);
            json.WriteNumber("ratio", (double)contents.PackedBytes / packing.FileBytes);
            PackedJson.WriteSection(json, "graph", contents.Graph);
            PackedJson.WriteSection(json, "tensors", PackedJson.Sum(contents.Groups));
            if (packing.Loss is { } loss) WriteLoss(json, loss);
            json.WriteNumber("packSeconds", packing.PackTime.TotalSeconds);
            json.WriteNumber("checkSeconds", packing.CheckTime.TotalSeconds);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes one document where no network meets the limit: nothing packed, and what was tried.</summary>
    public static void WriteNotMet(string model, IReadOnlyList<PricedNetwork> tried)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, InspectJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("kneepoint", InspectJson.ProgramVersion);
            json.WriteString("model", model);
            json.WriteNull("packed");
            json.WriteString("mode", "lossy");
            WriteTried(json, tried);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    static void WriteTried(Utf8JsonWriter json, IReadOnlyList<PricedNetwork> tried)
    {
        json.WriteStartArray("tried");
        foreach (var network in tried)
        {
            json.WriteStartObject();
            json.WriteNumber("price", network.Price);
            json.WriteString("rounding", network.IsFittedInSuccession ? "successive" : "data");
            json.WriteNumber("packedBytes", network.PackedBytes);
            json.WriteNumber("loss", network.Loss);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteLoss(Utf8JsonWriter json, PackLoss loss)
    {
        json.WriteString("metric", loss.Metric.Name);
        json.WriteNumber("samples", loss.Samples);
        WriteInterval("accuracy", loss.Accuracy);
        WriteInterval("accuracyChange", loss.Change);
        json.WritePropertyName("recipe");
        json.WriteRawValue(loss.Recipe.CanonicalJson);
        WriteTried(json, loss.Tried);

        void WriteInterval(string name, Interval interval)
        {
            json.WriteStartObject(name);
            json.WriteNumber("value", interval.Value);
            json.WriteNumber("low", interval.Low);
            json.WriteNumber("high", interval.High);
            json.WriteEndObject();
        }
    }
}
