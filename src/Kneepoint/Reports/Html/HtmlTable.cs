using System.Net;
using System.Text;

namespace Kneepoint.Reports.Html;

/// <summary>A table of the report that needs no script; the first column is text, all others are figures unless stated.</summary>
sealed class HtmlTable(params string[] heads)
{
    readonly List<string[]> _rows = [];

    /// <summary>Other columns that hold text.</summary>
    public IReadOnlySet<int> TextColumns { get; init; } = new HashSet<int>();

    /// <summary>Adds a row, one cell for each column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The table.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<div class=\"scroll\"><table class=\"data\"><thead><tr>");
        for (int i = 0; i < heads.Length; i++) html.Append(i == 0 || TextColumns.Contains(i) ? "<th>" : "<th class=\"num\">").Append(Text(heads[i])).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (string[] row in _rows)
        {
            html.Append("<tr>");
            for (int i = 0; i < row.Length; i++) html.Append(i == 0 || TextColumns.Contains(i) ? "<td class=\"what\">" : "<td class=\"num\">").Append(Text(row[i])).Append("</td>");
            html.Append("</tr>");
        }

        return html.Append("</tbody></table></div>").ToString();
    }

    static string Text(string text) => WebUtility.HtmlEncode(Format.Plain(text));
}
