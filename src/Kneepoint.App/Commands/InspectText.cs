using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Kneepoint.Onnx.Costs;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>An inspected network as people read it.</summary>
static class InspectText
{
    const int ShownNodes = 200;

    // Lists of axes and sizes are stored too, but nobody looks for them.
    const int LeastShownBytes = 64;

    /// <summary>A table of the nodes that store or compute something, the sums, and what is not counted.</summary>
    public static string Of(Inspection inspection, int width)
    {
        var cost = inspection.Cost;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Path.GetFileName(inspection.File)} · operator set {inspection.Opset} · fed with ")
            .Append(string.Join(", ", inspection.Inputs.Select(input => $"{Format.Plain(input.Name)} {Dimensions(input.Shape.Dimensions)}"))).Append("\n\n");
        var table = new TextTable(new TextColumn("node", MayShrink: true), new TextColumn("operator"), new TextColumn("output", MayShrink: true),
            new TextColumn("parameters", IsRight: true), new TextColumn("weights", IsRight: true), new TextColumn("activations", IsRight: true),
            new TextColumn("MACs", IsRight: true), new TextColumn("share", IsRight: true), new TextColumn("bits", IsRight: true));
        var shown = cost.Nodes.Where(node => node.WeightBytes >= LeastShownBytes || node.Macs is null or > 0).ToArray();
        foreach (var node in shown.Take(ShownNodes))
        {
            table.Add(node.Name, node.Operator, node.Output is null ? "?" : Dimensions(node.Output.Dimensions),
                node.Parameters == 0 ? "" : Format.Count(node.Parameters), node.WeightBytes == 0 ? "" : Format.Bytes(node.WeightBytes),
                node.ActivationBytes is { } bytes ? Format.Bytes(bytes) : "?", node.Macs switch { null => "?", 0 => "", { } macs => Format.Count(macs) },
                node.Macs is > 0 and { } part ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / cost.Macs:F1} %") : "",
                node.WeightBits > 0 ? string.Create(CultureInfo.InvariantCulture, $"{node.WeightBits}·{node.ActivationBits}") : "");
        }

        text.Append(table.ToText(width));
        if (shown.Length > ShownNodes) text.Append(CultureInfo.InvariantCulture, $"and {shown.Length - ShownNodes} more nodes (all of them with --json)\n");
        int others = cost.Nodes.Length - shown.Length;
        if (others > 0) text.Append(CultureInfo.InvariantCulture, $"{others} more nodes store next to nothing and multiply nothing.\n");
        text.Append(CultureInfo.InvariantCulture, $"\nparameters        {Format.Count(cost.Parameters)}\n");
        text.Append(CultureInfo.InvariantCulture, $"weights           {Format.Bytes(cost.WeightBytes)}\n");
        text.Append(CultureInfo.InvariantCulture, $"MACs              {Format.Count(cost.Macs)}{(cost.Uncounted.IsEmpty ? "" : ", incomplete: see below")}\n");
        text.Append(CultureInfo.InvariantCulture, $"bit operations    {Format.Count(cost.BitOps)}\n");
        text.Append(CultureInfo.InvariantCulture, $"activations, sum  {Format.Bytes(cost.ActivationBytes)}\n");
        if (inspection.ActivationPeakBytes is { } peak) text.Append(CultureInfo.InvariantCulture, $"activations, peak {Format.Bytes(peak)}\n");
        foreach (var operation in cost.Uncounted) text.Append('\n').Append(Sentence(operation));
        foreach (var finding in inspection.Findings) text.Append('\n').Append(Format.Plain($"{(finding.Severity == FindingSeverity.Warning ? "warning" : "note")}: {finding.Message} ({finding.Code})"));
        if (!cost.Uncounted.IsEmpty || !inspection.Findings.IsEmpty) text.Append('\n');
        return text.ToString();
    }

    static string Sentence(UncountedOperator operation) => Format.Plain(string.Create(CultureInfo.InvariantCulture,
        $"not counted: {operation.Operator} ×{operation.Nodes}. {operation.Reason}"));

    /// <summary>"64×3×7×7".</summary>
    public static string Dimensions(ImmutableArray<long> sizes) => sizes.IsEmpty ? "scalar" : string.Join("×", sizes.Select(size => size.ToString(CultureInfo.InvariantCulture)));
}
