using System.Globalization;
using System.Text;
using Kneepoint.Compression;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>The methods as a person reads them.</summary>
static class MethodsText
{
    /// <summary>Writes the list.</summary>
    /// <param name="list">The methods.</param>
    /// <param name="isFull">Whether options and reasons are shown.</param>
    /// <param name="width">Cells per line.</param>
    public static string Of(MethodList list, bool isFull, int width) => isFull ? Full(list) : Table(list, width);

    static string Table(MethodList list, int width)
    {
        TextColumn[] columns = [new("method"), new("treats"), new("what it does", MayShrink: true)];
        bool hasModel = list.ModelFile is not null;
        if (hasModel) columns = [.. columns, new(string.Create(CultureInfo.InvariantCulture, $"of {list.LayerCount} layers"), IsRight: true)];
        var table = new TextTable(columns);
        foreach (var entry in list.Entries)
        {
            string[] cells = [entry.Name, entry.Treats, entry.Summary];
            table.Add(hasModel ? [.. cells, entry.Layers?.ToString(CultureInfo.InvariantCulture) ?? "–"] : cells);
        }

        return table.ToText(width) + "\nIn full, with options: kneepoint methods NAME. Only some in a search: kneepoint run … --methods a,b\n";
    }

    static string Full(MethodList list)
    {
        var text = new StringBuilder();
        foreach (var entry in list.Entries)
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"{entry.Name} ({entry.Treats}): {entry.Summary}\n");
            foreach (var option in entry.Options) text.Append(CultureInfo.InvariantCulture, $"  {option.Name} = {Values(option)}\n");
            if (entry.Options.Count == 0) text.Append("  has no options\n");
            if (entry.Layers is { } layers) text.Append(CultureInfo.InvariantCulture, $"  treats {layers} of {list.LayerCount} layers of {Path.GetFileName(list.ModelFile)}\n");
            foreach (var (reason, count) in entry.Reasons) text.Append(CultureInfo.InvariantCulture, $"  leaves {count}: {(count == 1 ? "it" : "each")} {reason}\n");
        }

        return text.ToString();
    }

    static string Values(MethodOption option) => option.Values.IsEmpty ? "a number" : string.Join(" | ", option.Values.Select(value => value == option.Default ? $"({value})" : value));
}
