using System.Buffers;
using System.Text.Json;
using Kneepoint.Measurement;

namespace Kneepoint.Reports.Html;

/// <summary>Writes what the report's script shows: the document, with references as indexes and texts that occur often once.</summary>
/// <remarks>The default encoder escapes &lt;, &gt;, &amp;, quotes and all that is not ASCII, so that no text can end the element it is embedded in.</remarks>
static class ReportData
{
    static readonly (FigureKind Kind, string Unit, string? Option)[] Figures =
    [
        .. FigureKind.Memory.Zip(new[] { "--max-file-bytes", "--max-packed-bytes", null, "--max-activation-bytes", "--max-resident-bytes" },
            (kind, option) => (kind, "bytes", option)),
        (FigureKind.Compute[0], "time", "--max-latency"),
        (FigureKind.Compute[1], "count", "--max-macs"),
        (FigureKind.Compute[2], "count", null),
    ];

    public static byte[] Write(FrontierDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) new Writer(document, json).Write();
        return buffer.WrittenSpan.ToArray();
    }

    sealed class Writer(FrontierDocument document, Utf8JsonWriter json)
    {
        readonly Dictionary<string, int> _variants = Indexes(document.Variants.Select(v => v.Id));
        readonly Dictionary<string, int> _layers = Indexes(document.Layers.Select(l => l.Layer));
        readonly Dictionary<string, int> _methods = Indexes(document.Variants.Where(v => v.OnFrontier).SelectMany(v => v.Layers).Select(l => l.Method));
        readonly Dictionary<Finding, int> _findings = IndexesOf(document.Findings.Concat(document.Variants.SelectMany(v => v.Findings)));

        public void Write()
        {
            json.WriteStartObject();
            WriteMetric();
            json.WriteStartArray("figures");
            foreach (var (kind, unit, option) in Figures) WriteFigure(kind, unit, option);
            json.WriteEndArray();
            json.WriteNumber("memory", IndexOf(FigureKind.MemoryOf(document)));
            json.WriteNumber("compute", IndexOf(FigureKind.ComputeOf(document)));
            json.WriteNumber("knee", document.Knee is { } knee ? _variants[knee] : -1);
            json.WriteStartArray("variants");
            foreach (var variant in document.Variants) WriteVariant(variant);
            json.WriteEndArray();
            WriteTexts();
            WriteFailed();
            json.WriteEndObject();
        }

        void WriteMetric()
        {
            var format = MetricFormat.Of(document.Data.Metric.Name);
            json.WriteStartObject("metric");
            json.WriteString("label", format.Name);
            json.WriteNumber("scale", format.Scale);
            json.WriteNumber("decimals", format.Decimals);
            json.WriteString("unit", format.Unit);
            json.WriteString("changeUnit", format.ChangeUnit);
            json.WriteNumber("sign", document.Data.Metric.Direction == Direction.Maximize ? 1 : -1);
            json.WriteEndObject();
        }

        void WriteFigure(FigureKind kind, string unit, string? option)
        {
            json.WriteStartObject();
            json.WriteString("key", kind.Name);
            json.WriteString("label", kind.Label);
            json.WriteString("group", unit == "bytes" ? "memory" : "compute");
            json.WriteString("unit", unit);
            json.WriteString("option", option);
            json.WriteEndObject();
        }

        void WriteVariant(FrontierVariant variant)
        {
            json.WriteStartObject();
            json.WriteString("id", variant.Id);
            json.WriteString("what", Format.Plain(RecipeText.Of(variant.Recipe)));
            json.WriteBoolean("front", variant.OnFrontier);
            json.WriteBoolean("base", variant.IsBaseline);
            WriteInterval("a", variant.Accuracy, isOnlyEnds: false);
            WriteInterval("c", variant.AccuracyChange, isOnlyEnds: false);
            json.WriteStartArray("g");
            foreach (var (kind, _, _) in Figures) WriteNumber(kind.Value(variant));
            json.WriteEndArray();
            WriteInterval("lat", variant.Compute.LatencyMilliseconds, isOnlyEnds: true);
            WriteInterval("r", variant.Compute.LatencyRatio, isOnlyEnds: false);
            WriteIndexes("ties", variant.TiedWith.Where(_variants.ContainsKey).Select(id => _variants[id]));
            WriteIndexes("x", variant.Findings.Select(finding => _findings[finding]));
            json.WriteString("file", variant.File);
            json.WriteString("packed", variant.Packed);
            json.WriteStartArray("L");
            if (variant.OnFrontier)
            {
                foreach (var treatment in variant.Layers) WriteTreatment(treatment);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        void WriteTreatment(LayerTreatment treatment)
        {
            if (!_layers.TryGetValue(treatment.Layer, out int layer)) return;
            json.WriteStartArray();
            json.WriteNumberValue(layer);
            json.WriteNumberValue(_methods[treatment.Method]);
            json.WriteNumberValue(treatment.WeightBits);
            json.WriteNumberValue(treatment.ActivationBits);
            if (treatment.Fused is { } fused) json.WriteBooleanValue(fused);
            else json.WriteNullValue();
            json.WriteEndArray();
        }

        void WriteTexts()
        {
            json.WriteStartArray("findings");
            foreach (var finding in _findings.OrderBy(entry => entry.Value).Select(entry => entry.Key))
            {
                json.WriteStartObject();
                json.WriteString("code", Format.Plain(finding.Code));
                json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
                json.WriteString("message", Format.Plain(finding.Message));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteIndexes("studyFindings", document.Findings.Select(finding => _findings[finding]));
            json.WriteStartArray("methods");
            foreach (string method in _methods.OrderBy(entry => entry.Value).Select(entry => entry.Key)) json.WriteStringValue(Format.Plain(method));
            json.WriteEndArray();
            json.WriteStartArray("layers");
            foreach (var layer in document.Layers)
            {
                json.WriteStartArray();
                json.WriteStringValue(Format.Plain(layer.Layer));
                json.WriteStringValue(Format.Plain(layer.OpType));
                json.WriteNumberValue(layer.WeightCount);
                if (layer.Macs is { } macs) json.WriteNumberValue(macs);
                else json.WriteNullValue();
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        void WriteFailed()
        {
            json.WriteStartArray("failed");
            foreach (var trial in document.FailedTrials)
            {
                json.WriteStartObject();
                json.WriteString("id", trial.Recipe.Id);
                json.WriteString("what", Format.Plain(RecipeText.Of(trial.Recipe)));
                json.WriteString("outcome", Format.Plain(trial.Outcome));
                json.WriteString("reason", Format.Plain(trial.Reason));
                json.WriteNumber("seconds", trial.Seconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        void WriteInterval(string name, Interval? figure, bool isOnlyEnds)
        {
            if (figure is not { } f)
            {
                json.WriteNull(name);
                return;
            }

            json.WriteStartArray(name);
            if (!isOnlyEnds) WriteNumber(f.Value);
            WriteNumber(f.Low);
            WriteNumber(f.High);
            json.WriteEndArray();
        }

        void WriteIndexes(string name, IEnumerable<int> indexes)
        {
            json.WriteStartArray(name);
            foreach (int index in indexes) json.WriteNumberValue(index);
            json.WriteEndArray();
        }

        void WriteNumber(double number)
        {
            if (double.IsFinite(number)) json.WriteNumberValue(number);
            else json.WriteNullValue();
        }

        static int IndexOf(FigureKind kind) => Array.FindIndex(Figures, figure => figure.Kind.Name == kind.Name);

        static Dictionary<string, int> Indexes(IEnumerable<string> names) => IndexesOf(names);

        static Dictionary<T, int> IndexesOf<T>(IEnumerable<T> items) where T : notnull
        {
            var indexes = new Dictionary<T, int>();
            foreach (var item in items) indexes.TryAdd(item, indexes.Count);
            return indexes;
        }
    }
}
