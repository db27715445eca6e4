using System.Globalization;
using System.Text;

namespace Kneepoint.Reports;

/// <summary>A table in plain text: columns aligned, no wider than it may be.</summary>
/// <remarks>Widths are counted in cells of a terminal: combining marks take none, East Asian wide characters two. Where the table is too wide,
/// the columns that may shrink lose their ends to "…", the widest first; other columns are never cut.</remarks>
public sealed class TextTable
{
    const string Gap = "  ";
    const int NarrowestCells = 8;
    readonly TextColumn[] _columns;
    readonly List<string[]> _rows = [];

    /// <summary>Makes an empty table.</summary>
    public TextTable(params TextColumn[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = columns;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One for each column.</param>
    /// <exception cref="ArgumentException">The number of cells differs from that of the columns.</exception>
    public void Add(params string[] cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Length != _columns.Length)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The table has {_columns.Length} columns, the row {cells.Length}."), nameof(cells));
        }

        _rows.Add([.. cells.Select(Format.Plain)]);
    }

    /// <summary>Adds a line below the last row that runs across the columns, indented; it is cut where the table's width ends.</summary>
    public void AddNote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _rows.Add([Format.Plain(text)]);
    }

    /// <summary>The table with its head, lines ended by line feeds, nothing behind the last column's text.</summary>
    /// <param name="width">Cells per line, such as a terminal's columns.</param>
    public string ToText(int width = int.MaxValue)
    {
        int[] widths = Widths(width);
        var text = new StringBuilder();
        AppendRow(text, widths, [.. _columns.Select(column => column.Head)]);
        AppendRow(text, widths, [.. widths.Select(cells => new string('─', cells))]);
        foreach (string[] row in _rows)
        {
            if (IsNote(row)) text.Append(Gap).Append(Cut(row[0], Math.Max(NarrowestCells, width - Gap.Length))).Append('\n');
            else AppendRow(text, widths, row);
        }

        return text.ToString();
    }

    /// <summary>The cells of a terminal that a text takes.</summary>
    internal static int Cells(string text)
    {
        int cells = 0;
        foreach (var rune in text.EnumerateRunes()) cells += Cells(rune);
        return cells;
    }

    // A table of one column has no notes apart from its rows.
    bool IsNote(string[] row) => row.Length < _columns.Length;

    static int Cells(Rune rune)
    {
        if (rune.Value < 0x300) return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark) return 0;
        bool isWide = rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0x1F300 and <= 0x1FAFF)
            or (>= 0x20000 and <= 0x3FFFD);
        return isWide ? 2 : 1;
    }

    static string Cut(string text, int cells)
    {
        if (Cells(text) <= cells) return text;
        var cut = new StringBuilder();
        int used = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Cells(rune);
            if (used > cells) break;
            cut.Append(rune);
        }

        return cut.Append('…').ToString();
    }

    int[] Widths(int width)
    {
        int[] widths = [.. _columns.Select((column, i) => _rows.Where(row => !IsNote(row)).Select(row => Cells(row[i])).Append(Cells(column.Head)).Max())];
        while ((long)widths.Sum() + Gap.Length * (widths.Length - 1) > width)
        {
            int widest = -1;
            for (int i = 0; i < widths.Length; i++)
            {
                bool mayShrink = _columns[i].MayShrink && widths[i] > Math.Max(NarrowestCells, Cells(_columns[i].Head));
                if (mayShrink && (widest < 0 || widths[i] > widths[widest])) widest = i;
            }

            if (widest < 0) break;
            widths[widest]--;
        }

        return widths;
    }

    void AppendRow(StringBuilder text, int[] widths, string[] row)
    {
        var line = new StringBuilder();
        for (int i = 0; i < row.Length; i++)
        {
            string cell = Cut(row[i], widths[i]);
            string padding = new(' ', widths[i] - Cells(cell));
            line.Append(i == 0 ? "" : Gap).Append(_columns[i].IsRight ? padding + cell : cell + padding);
        }

        text.Append(line.ToString().TrimEnd()).Append('\n');
    }
}

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Head">What stands above it.</param>
/// <param name="IsRight">Whether its cells end at the right edge, as figures do.</param>
/// <param name="MayShrink">Whether its cells may lose their ends where the table is too wide.</param>
public sealed record TextColumn(string Head, bool IsRight = false, bool MayShrink = false);
