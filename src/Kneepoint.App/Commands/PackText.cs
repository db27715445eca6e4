using System.Globalization;
using System.Text;
using Kneepoint.Reports;
using Kneepoint.Studies;

namespace Kneepoint.App.Commands;

/// <summary>A packed network as people read it.</summary>
static class PackText
{
    /// <summary>Bytes before and after, where they went, and what to do with the file.</summary>
    public static string Of(Packing packing, int width)
    {
        var contents = packing.Contents;
        long packedBytes = contents.PackedBytes;
        var text = new StringBuilder();
        text.Append(Format.Plain($"{packing.Model} → {packing.Packed}: {Sizes(packing.FileBytes, packedBytes)}")).Append("\n\n");
        var table = new TextTable(new TextColumn(""), new TextColumn("before", IsRight: true), new TextColumn("packed", IsRight: true), new TextColumn("share", IsRight: true));
        Add(table, "graph", contents.Graph.ModelBytes, contents.Graph.PackedBytes, packedBytes);
        Add(table, "tensors", contents.Groups.Sum(group => group.ModelBytes), contents.Groups.Sum(group => group.PackedBytes), packedBytes);
        text.Append(table.ToText(width)).Append('\n');
        if (!packing.ExternalFiles.IsEmpty)
        {
            string names = string.Join(", ", packing.ExternalFiles.Select(file => Path.GetFileName(file)));
            text.Append(FrontierText.Wrap(Format.Plain($"The weights in {names} were moved into the packed file: unpacked, the network is one file."), width)).Append('\n');
        }

        if (packing.Loss is { } loss) text.Append(FrontierText.Wrap(Format.Plain(LossText(loss)), width)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"Packed in {Format.Duration(packing.PackTime.TotalSeconds)}; opened again in {Format.Duration(packing.CheckTime.TotalSeconds)}, every byte is the same{(packing.Loss is null ? "" : " as in the network that was measured")}.\n");
        string shown = CommandWords.Quote(packing.Packed);
        text.Append(CultureInfo.InvariantCulture, $"Next: {CommandWords.Program} unpack {shown} -o unpacked.onnx\n");
        text.Append(CultureInfo.InvariantCulture, $"  or in C#: new InferenceSession(PackedModel.Open(\"{Format.Plain(Path.GetFileName(packing.Packed))}\"))\n");
        return text.ToString();
    }

    /// <summary>Why nothing was written, and what comes nearest.</summary>
    public static string NotMet(PackGoal goal, IReadOnlyList<PricedNetwork> tried)
    {
        string Shown(PricedNetwork network) => string.Create(CultureInfo.InvariantCulture, $"{Format.Bytes(network.PackedBytes)} at a loss of {Format.Significant(network.Loss)}");
        string what = goal.MostDrop is { } drop ? string.Create(CultureInfo.InvariantCulture, $"loses at most {drop}") : "takes so few bytes";
        var nearest = goal.MostDrop is null ? tried.MinBy(network => network.PackedBytes) : tried.MinBy(network => network.Loss);
        return $"No packed network {what}: the nearest takes {(nearest is null ? "–" : Shown(nearest))}. Nothing was written.";
    }

    static string LossText(PackLoss loss)
    {
        var metric = MetricFormat.Of(loss.Metric.Name);
        return string.Create(CultureInfo.InvariantCulture,
            $"{metric.Name} {metric.Value(loss.Accuracy)} on {Format.Whole((int)loss.Samples)} evaluation samples, change {metric.Change(loss.Change)} (95 %); chosen among {loss.Tried.Count} networks by these samples. {RecipeText.Of(loss.Recipe)}.");
    }

    /// <summary>"55.2 KB → 41.0 KB, 0.743 of it".</summary>
    public static string Sizes(long before, long after) =>
        $"{Format.Bytes(before)} → {Format.Bytes(after)}, {Format.Significant(100.0 * after / Math.Max(before, 1))} % of the size";

    static void Add(TextTable table, string name, long before, long packed, long all) => table.Add(name, Format.Bytes(before), Format.Bytes(packed),
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * packed / all:F1} %"));
}
