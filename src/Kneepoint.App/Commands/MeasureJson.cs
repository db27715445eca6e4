using System.Text.Encodings.Web;
using System.Text.Json;
using Kneepoint.Measurement;

namespace Kneepoint.App.Commands;

/// <summary>Measured files as a program reads them; figures have the names and forms that they have in frontier.json.</summary>
static class MeasureJson
{
    static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document to standard output.</summary>
    public static void Write(MeasuredFiles measured)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, Options)) Write(json, measured);
        output.Write("\n"u8);
    }

    /// <summary>Writes the document.</summary>
    public static void Write(Utf8JsonWriter json, MeasuredFiles measured)
    {
        json.WriteStartObject();
        json.WriteString("kneepoint", typeof(MeasureJson).Assembly.GetName().Version?.ToString(3) ?? "0");
        json.WriteStartObject("data");
        json.WriteNumber("evaluate", measured.Evaluate);
        json.WriteNumber("calibrate", measured.Calibrate);
        json.WriteStartObject("metric");
        json.WriteString("name", measured.Metric.Name);
        json.WriteString("direction", measured.Metric.IsMaximized ? "maximize" : "minimize");
        json.WriteEndObject();
        json.WriteEndObject();
        WriteMachine(json, measured.Machine);
        json.WriteStartArray("models");
        foreach (var file in measured.Files) WriteFile(json, file, measured.HasBaseline);
        json.WriteEndArray();
        WriteFindings(json, measured.Findings);
        json.WriteEndObject();
    }

    static void WriteMachine(Utf8JsonWriter json, MachineDescription machine)
    {
        json.WriteStartObject("machine");
        json.WriteString("cpu", machine.Cpu);
        json.WriteStartArray("instructionSets");
        foreach (string set in machine.InstructionSets) json.WriteStringValue(set);
        json.WriteEndArray();
        json.WriteNumber("cores", machine.Cores);
        json.WriteString("runtime", machine.Runtime);
        json.WriteNumber("threads", machine.Threads);
        json.WriteNumber("batch", machine.Batch);
        json.WriteEndObject();
    }

    static void WriteFile(Utf8JsonWriter json, MeasuredFile file, bool hasBaseline)
    {
        var figures = file.Figures;
        json.WriteStartObject();
        json.WriteString("file", file.File);
        json.WriteString("sha256", StudyRun.ModelHash(file.File));
        json.WriteBoolean("baseline", file.IsBaseline);
        WriteInterval(json, "accuracy", figures.Accuracy);
        WriteInterval(json, "accuracyChange", hasBaseline ? figures.AccuracyChange : null);
        json.WriteStartObject("memory");
        json.WriteNumber("fileBytes", figures.Memory.FileBytes);
        WriteNumber(json, "packedBytes", figures.Memory.PackedBytes);
        json.WriteNumber("weightBytes", figures.Memory.WeightBytes);
        json.WriteNumber("activationPeakBytes", figures.Memory.ActivationPeakBytes);
        WriteNumber(json, "residentPeakBytes", figures.Memory.ResidentPeakBytes);
        json.WriteEndObject();
        json.WriteStartObject("compute");
        json.WriteNumber("macs", figures.Compute.Macs);
        json.WriteNumber("bitOps", figures.Compute.BitOps);
        WriteInterval(json, "latencyMilliseconds", figures.Compute.LatencyMilliseconds);
        WriteInterval(json, "latencyRatio", hasBaseline ? figures.Compute.LatencyRatio : null);
        json.WriteEndObject();
        WriteLayers(json, figures);
        WriteFindings(json, figures.Findings);
        json.WriteEndObject();
    }

    static void WriteLayers(Utf8JsonWriter json, Measured figures)
    {
        json.WriteStartArray("layers");
        foreach (var layer in figures.Layers)
        {
            json.WriteStartObject();
            json.WriteString("layer", layer.Layer);
            json.WriteNumber("weightBits", layer.WeightBits);
            json.WriteNumber("activationBits", layer.ActivationBits);
            if (layer.Fused is { } fused) json.WriteBoolean("fused", fused);
            else json.WriteNull("fused");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteFindings(Utf8JsonWriter json, IEnumerable<Finding> findings)
    {
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteInterval(Utf8JsonWriter json, string name, Interval? figure)
    {
        if (figure is not { } f || !double.IsFinite(f.Value))
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("value", f.Value);
        WriteNumber(json, "low", f.Low);
        WriteNumber(json, "high", f.High);
        json.WriteEndObject();
    }

    // JSON has no NaN or infinity; what is not known is null.
    static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
