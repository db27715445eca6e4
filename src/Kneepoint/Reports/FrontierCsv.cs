using System.Globalization;
using System.Text;
using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>Writes a <see cref="FrontierDocument"/> as a table: the figures of <c>frontier.json</c>, one line per measured variant.</summary>
/// <remarks>RFC 4180: comma, CR LF, quotes doubled within quotes. What was not measured is an empty field. Flags are 1 and 0.</remarks>
static class FrontierCsv
{
    static readonly string[] Columns =
    [
        "id", "baseline", "onFrontier", "knee",
        "accuracy", "accuracyLow", "accuracyHigh", "accuracyChange", "accuracyChangeLow", "accuracyChangeHigh",
        "fileBytes", "packedBytes", "weightBytes", "activationPeakBytes", "residentPeakBytes", "macs", "bitOps",
        "latencyMilliseconds", "latencyMillisecondsLow", "latencyMillisecondsHigh", "latencyRatio", "latencyRatioLow", "latencyRatioHigh",
        "tiedWith", "findings", "file", "packed", "recipe",
    ];

    /// <summary>UTF-8 without a byte order mark.</summary>
    public static byte[] Write(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        document = FiniteFigures.Of(document);
        var csv = new StringBuilder();
        csv.AppendJoin(',', Columns).Append("\r\n");
        foreach (var variant in document.Variants)
        {
            csv.AppendJoin(',', Fields(document, variant).Select(Quote)).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    static IEnumerable<string> Fields(FrontierDocument document, FrontierVariant variant) =>
    [
        variant.Id, Flag(variant.IsBaseline), Flag(variant.OnFrontier), Flag(variant.Id == document.Knee),
        .. Figures(variant.Accuracy), .. Figures(variant.AccuracyChange),
        Count(variant.Memory.FileBytes), Count(variant.Memory.PackedBytes), Count(variant.Memory.WeightBytes),
        Count(variant.Memory.ActivationPeakBytes), Count(variant.Memory.ResidentPeakBytes),
        Count(variant.Compute.Macs), Count(variant.Compute.BitOps),
        .. Figures(variant.Compute.LatencyMilliseconds), .. Figures(variant.Compute.LatencyRatio),
        string.Join(' ', variant.TiedWith), string.Join(' ', variant.Findings.Select(finding => finding.Code)),
        variant.File ?? "", variant.Packed ?? "", variant.Recipe.CanonicalJson,
    ];

    static string[] Figures(Interval? figure) =>
        figure is { } f ? [Number(f.Value), Number(f.Low), Number(f.High)] : ["", "", ""];

    static string Flag(bool flag) => flag ? "1" : "0";

    static string Count(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    static string Number(double number) => double.IsNaN(number) ? "" : number.ToString("R", CultureInfo.InvariantCulture);

    static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
