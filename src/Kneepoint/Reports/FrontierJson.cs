using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Search;

namespace Kneepoint.Reports;

/// <summary>Writes a <see cref="FrontierDocument"/> as JSON.</summary>
static class FrontierJson
{
    // A file of its own, never pasted into HTML as it is: names in other scripts stay readable.
    static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>UTF-8, indented, ending with a line feed.</summary>
    public static byte[] Write(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) Write(json, FiniteFigures.Of(document));
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    static void Write(Utf8JsonWriter json, FrontierDocument document)
    {
        json.WriteStartObject();
        json.WriteString("kneepoint", document.Kneepoint);
        json.WriteStartObject("model");
        json.WriteString("file", document.Model.File);
        json.WriteString("sha256", document.Model.Sha256);
        json.WriteEndObject();
        WriteData(json, document.Data);
        WriteMachine(json, document.Machine);
        json.WriteStartArray("objectives");
        foreach (var objective in document.Objectives) WriteObjective(json, objective);
        json.WriteEndArray();
        json.WriteStartArray("variants");
        foreach (var variant in document.Variants) WriteVariant(json, variant);
        json.WriteEndArray();
        WriteStrings(json, "frontier", document.Frontier);
        WriteHypervolume(json, document.Hypervolume);
        json.WriteString("knee", document.Knee);
        json.WriteString("mdlChoice", document.MdlChoice);
        WriteMdlChoices(json, document.MdlChoices);
        WriteFindings(json, document.Findings);
        WriteLayers(json, document.Layers);
        WriteTrials(json, document);
        json.WriteStartObject("settings");
        foreach (var (name, value) in document.Settings) json.WriteString(name, value);
        json.WriteEndObject();
        WriteNumber(json, "seconds", document.Seconds);
        json.WriteEndObject();
    }

    static void WriteData(Utf8JsonWriter json, DataFacts data)
    {
        json.WriteStartObject("data");
        json.WriteNumber("evaluate", data.Evaluate);
        json.WriteNumber("calibrate", data.Calibrate);
        json.WritePropertyName("metric");
        WriteObjective(json, data.Metric);
        json.WriteEndObject();
    }

    static void WriteMachine(Utf8JsonWriter json, MachineFacts machine)
    {
        json.WriteStartObject("machine");
        json.WriteString("cpu", machine.Cpu);
        WriteStrings(json, "instructionSets", machine.InstructionSets);
        json.WriteNumber("cores", machine.Cores);
        json.WriteString("runtime", machine.Runtime);
        json.WriteNumber("threads", machine.Threads);
        json.WriteNumber("batch", machine.Batch);
        json.WriteEndObject();
    }

    static void WriteMdlChoices(Utf8JsonWriter json, MdlChoices? choices)
    {
        if (choices is null)
        {
            json.WriteNull("mdlChoices");
            return;
        }

        json.WriteStartObject("mdlChoices");
        json.WriteString("tenth", choices.Tenth);
        json.WriteString("asMeasured", choices.AsMeasured);
        json.WriteString("tenfold", choices.Tenfold);
        json.WriteEndObject();
    }

    static void WriteObjective(Utf8JsonWriter json, ObjectiveFacts objective)
    {
        json.WriteStartObject();
        json.WriteString("name", objective.Name);
        json.WriteString("direction", objective.Direction == Direction.Minimize ? "minimize" : "maximize");
        json.WriteEndObject();
    }

    static void WriteVariant(Utf8JsonWriter json, FrontierVariant variant)
    {
        json.WriteStartObject();
        json.WriteString("id", variant.Id);
        WriteRecipe(json, variant.Recipe);
        json.WriteString("file", variant.File);
        json.WriteString("packed", variant.Packed);
        json.WriteBoolean("baseline", variant.IsBaseline);
        WriteInterval(json, "accuracy", variant.Accuracy);
        WriteInterval(json, "accuracyChange", variant.AccuracyChange);
        json.WriteStartObject("memory");
        json.WriteNumber("fileBytes", variant.Memory.FileBytes);
        WriteNumber(json, "packedBytes", variant.Memory.PackedBytes);
        json.WriteNumber("weightBytes", variant.Memory.WeightBytes);
        json.WriteNumber("activationPeakBytes", variant.Memory.ActivationPeakBytes);
        WriteNumber(json, "residentPeakBytes", variant.Memory.ResidentPeakBytes);
        json.WriteEndObject();
        json.WriteStartObject("compute");
        json.WriteNumber("macs", variant.Compute.Macs);
        json.WriteNumber("bitOps", variant.Compute.BitOps);
        WriteInterval(json, "latencyMilliseconds", variant.Compute.LatencyMilliseconds);
        WriteInterval(json, "latencyRatio", variant.Compute.LatencyRatio);
        json.WriteEndObject();
        if (variant.Labels is { } labels)
        {
            json.WriteStartObject("labels");
            json.WriteNumber("count", labels.Count);
            json.WriteNumber("nats", labels.Nats);
            json.WriteNumber("bits", labels.Bits);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("labels");
        }

        json.WriteBoolean("onFrontier", variant.OnFrontier);
        WriteStrings(json, "tiedWith", variant.TiedWith);
        WriteTreatments(json, variant.Layers);
        WriteFindings(json, variant.Findings);
        WriteNumber(json, "seconds", variant.Seconds);
        json.WriteEndObject();
    }

    static void WriteRecipe(Utf8JsonWriter json, Recipe recipe)
    {
        json.WritePropertyName("recipe");
        using var canonical = JsonDocument.Parse(recipe.CanonicalJson);
        canonical.RootElement.WriteTo(json);
    }

    static void WriteInterval(Utf8JsonWriter json, string name, Interval? figure)
    {
        if (figure is not { } f)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("value", f.Value);
        WriteNumber(json, "low", double.IsNaN(f.Low) ? null : f.Low);
        WriteNumber(json, "high", double.IsNaN(f.High) ? null : f.High);
        json.WriteEndObject();
    }

    static void WriteTreatments(Utf8JsonWriter json, ImmutableArray<LayerTreatment> treatments)
    {
        json.WriteStartArray("layers");
        foreach (var treatment in treatments)
        {
            json.WriteStartObject();
            json.WriteString("layer", treatment.Layer);
            json.WriteString("method", treatment.Method);
            json.WriteNumber("weightBits", treatment.WeightBits);
            json.WriteNumber("activationBits", treatment.ActivationBits);
            if (treatment.Fused is { } fused) json.WriteBoolean("fused", fused);
            else json.WriteNull("fused");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteFindings(Utf8JsonWriter json, ImmutableArray<Finding> findings)
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

    static void WriteHypervolume(Utf8JsonWriter json, HypervolumeFigure? hypervolume)
    {
        if (hypervolume is null)
        {
            json.WriteNull("hypervolume");
            return;
        }

        json.WriteStartObject("hypervolume");
        json.WriteNumber("value", hypervolume.Value);
        json.WriteStartArray("reference");
        foreach (double reference in hypervolume.Reference) json.WriteNumberValue(reference);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteLayers(Utf8JsonWriter json, ImmutableArray<LayerFacts> layers)
    {
        json.WriteStartArray("layers");
        foreach (var layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("layer", layer.Layer);
            json.WriteString("opType", layer.OpType);
            json.WriteNumber("weightCount", layer.WeightCount);
            WriteNumber(json, "macs", layer.Macs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteTrials(Utf8JsonWriter json, FrontierDocument document)
    {
        if (document.Trials is { } trials)
        {
            json.WriteStartObject("trials");
            json.WriteNumber("measured", trials.Measured);
            json.WriteNumber("rejected", trials.Rejected);
            json.WriteNumber("crashed", trials.Crashed);
            json.WriteNumber("timedOut", trials.TimedOut);
            json.WriteNumber("dropped", trials.Dropped);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("trials");
        }

        if (document.Racing is { } racing)
        {
            json.WriteStartObject("racing");
            json.WriteNumber("confidence", racing.Confidence);
            json.WriteNumber("typicalSamples", racing.TypicalSamples);
            json.WriteNumber("evaluations", racing.Evaluations);
            json.WriteNumber("evaluationsOtherwise", racing.EvaluationsOtherwise);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("racing");
        }

        json.WriteStartArray("failedTrials");
        foreach (var trial in document.FailedTrials)
        {
            json.WriteStartObject();
            json.WriteString("id", trial.Recipe.Id);
            WriteRecipe(json, trial.Recipe);
            json.WriteString("outcome", trial.Outcome);
            json.WriteString("reason", trial.Reason);
            json.WriteNumber("seconds", trial.Seconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteStrings(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } n) json.WriteNumber(name, n);
        else json.WriteNull(name);
    }

    static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } n) json.WriteNumber(name, n);
        else json.WriteNull(name);
    }
}
