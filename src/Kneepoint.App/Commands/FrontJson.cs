using System.Text.Json;

namespace Kneepoint.App.Commands;

/// <summary>The analysis of a table as a program reads it.</summary>
static class FrontJson
{
    /// <summary>Writes one document to standard output.</summary>
    public static void Write(string file, FrontObjectives objectives, FrontAnalysis analysis, FrontTimes times)
    {
        using var output = new BufferedStream(StandardOutput.Open(), 1 << 16);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteNumber("rows", analysis.Rows);
            json.WriteStartArray("objectives");
            for (int k = 0; k < objectives.Count; k++)
            {
                json.WriteStartObject();
                json.WriteString("name", objectives.Names[k]);
                json.WriteString("direction", objectives.Direction(k));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteFrontier(json, objectives.Count, analysis);
            WriteVolume(json, analysis);
            if (analysis.KneeRow is { } knee) json.WriteNumber("knee", knee);
            else json.WriteNull("knee");
            json.WriteStartArray("ties");
            foreach (int[] group in analysis.Ties) WriteNumbers(json, group);
            json.WriteEndArray();
            json.WriteStartObject("seconds");
            json.WriteNumber("reading", times.ReadingSeconds);
            json.WriteNumber("computing", times.ComputingSeconds);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    static void WriteFrontier(Utf8JsonWriter json, int objectives, FrontAnalysis analysis)
    {
        const int FlushedPoints = 1000;
        json.WriteStartArray("frontier");
        for (int i = 0; i < analysis.Frontier.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("row", analysis.Frontier[i]);
            json.WriteStartArray("values");
            foreach (double value in analysis.Values.AsSpan(i * objectives, objectives)) WriteNumber(json, value);
            json.WriteEndArray();
            json.WriteEndObject();
            if (i % FlushedPoints == 0) json.Flush();
        }

        json.WriteEndArray();
    }

    static void WriteVolume(Utf8JsonWriter json, FrontAnalysis analysis)
    {
        if (analysis.Volume is not { } volume)
        {
            json.WriteNull("hypervolume");
            return;
        }

        json.WriteStartObject("hypervolume");
        json.WritePropertyName("value");
        WriteNumber(json, volume);
        json.WriteStartArray("reference");
        foreach (double limit in analysis.Reference) json.WriteNumberValue(limit);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteNumbers(Utf8JsonWriter json, int[] rows)
    {
        json.WriteStartArray();
        foreach (int row in rows) json.WriteNumberValue(row);
        json.WriteEndArray();
    }

    // JSON has no infinity; the words are those that the table may hold.
    static void WriteNumber(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
    }
}
