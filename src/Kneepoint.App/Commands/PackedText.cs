using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Kneepoint.Coding;
using Kneepoint.Coding.Packing;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>A packed file as people read it.</summary>
static class PackedText
{
    const int ShownTensors = 200;
    const double BitsPerByte = 8;

    /// <summary>Sizes, the sections, the tensors with the largest first, and the network inside.</summary>
    public static string Of(PackedInspection inspection, int width)
    {
        var contents = inspection.Contents;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Format.Plain(Path.GetFileName(inspection.File))} · packed model, version {contents.Version} · ")
            .Append(CultureInfo.InvariantCulture, $"{Format.Bytes(contents.PackedBytes)}, unpacks to {Format.Bytes(contents.Model.Length)}\n\n");
        text.Append(Sections(contents).ToText(width)).Append('\n');
        if (!contents.Tensors.IsEmpty) text.Append(Tensors(contents.Tensors, width)).Append('\n');
        text.Append(inspection.Network is { } network
            ? "The network inside\n\n" + InspectText.Of(network, width)
            : FrontierText.Wrap(Format.Plain($"The network inside was not inspected: {inspection.Refusal}"), width) + "\n");
        return text.ToString();
    }

    static TextTable Sections(PackedContents contents)
    {
        var table = new TextTable(new TextColumn("section"), new TextColumn("unpacked", IsRight: true), new TextColumn("packed", IsRight: true), new TextColumn("share", IsRight: true));
        double all = contents.PackedBytes;
        AddRow("header", null, contents.HeaderBytes);
        AddRow("graph", contents.Graph.ModelBytes, contents.Graph.PackedBytes);
        for (int i = 0; i < contents.Groups.Length; i++)
        {
            AddRow(contents.Groups.Length == 1 ? "tensors" : string.Create(CultureInfo.InvariantCulture, $"tensors, group {i + 1}"),
                contents.Groups[i].ModelBytes, contents.Groups[i].PackedBytes);
        }

        AddRow("all", contents.Model.Length, contents.PackedBytes);
        return table;

        void AddRow(string name, long? before, long packed) => table.Add(name, before is { } bytes ? Format.Bytes(bytes) : "", Format.Bytes(packed),
            string.Create(CultureInfo.InvariantCulture, $"{100 * packed / all:F1} %"));
    }

    static string Tensors(ImmutableArray<PackedTensor> tensors, int width)
    {
        var table = new TextTable(new TextColumn("tensor", MayShrink: true), new TextColumn("type"), new TextColumn("shape"), new TextColumn("numbers", IsRight: true),
            new TextColumn("form"), new TextColumn("code"), new TextColumn("bits each", IsRight: true), new TextColumn("numbers take", IsRight: true), new TextColumn("side", IsRight: true));
        var sorted = tensors.OrderByDescending(tensor => tensor.NumberBits + tensor.SideBits).ToArray();
        foreach (var tensor in sorted.Take(ShownTensors))
        {
            table.Add(tensor.Name.Length > 0 ? tensor.Name : string.Create(CultureInfo.InvariantCulture, $"at byte {tensor.Offset}"), tensor.Type.ToString(),
                tensor.Shape.IsEmpty && tensor.Count > 1 ? "?" : InspectText.Dimensions(tensor.Shape), Format.Count(tensor.Count), Forms(tensor), Codes(tensor),
                Bits((tensor.NumberBits + tensor.SideBits) / tensor.Count), Bytes(tensor.NumberBits), Bytes(tensor.SideBits));
        }

        double numberBits = tensors.Sum(tensor => tensor.NumberBits), sideBits = tensors.Sum(tensor => tensor.SideBits);
        long count = tensors.Sum(tensor => tensor.Count);
        table.Add("all", "", "", Format.Count(count), "", "", Bits((numberBits + sideBits) / count), Bytes(numberBits), Bytes(sideBits));
        var text = new StringBuilder(table.ToText(width));
        if (sorted.Length > ShownTensors) text.Append(CultureInfo.InvariantCulture, $"and {sorted.Length - ShownTensors} more tensors (all of them with --json)\n");
        return text.Append(FrontierText.Wrap("Side: what is written about the numbers: forms, steps, codebooks. Tensors below 64 bytes are in the graph.", width)).Append('\n').ToString();
    }

    static string Forms(PackedTensor tensor) => string.Join('+', tensor.Parts.Select(part => part.Form).Distinct().Select(PackedJson.Name));

    static string Codes(PackedTensor tensor) => string.Join('+', tensor.Parts.Where(part => part.Form != TensorForm.Copy).Select(part => part.Code).Distinct().Select(code => code.ToString().ToLowerInvariant()));

    static string Bits(double bits) => bits.ToString(bits < 0.1 ? "F3" : "F2", CultureInfo.InvariantCulture);

    static string Bytes(double bits) => Format.Bytes((long)Math.Ceiling(bits / BitsPerByte));
}
