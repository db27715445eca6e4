using System.Globalization;
using System.Text;

namespace Kneepoint.Data.Tables;

/// <summary>The names of a table's columns and what stands between its cells.</summary>
/// <param name="Names">As in the first record, or 1, 2, 3 … without one.</param>
/// <param name="Delimiter">Comma, semicolon or tab: the one that the first record holds most often outside quotes; comma if it holds none.</param>
/// <param name="Length">Bytes up to the first row.</param>
/// <param name="Lines">Lines up to the first row.</param>
sealed record TableHeader(string[] Names, byte Delimiter, int Length, int Lines)
{
    const int MostColumns = 100_000;

    /// <summary>Reads the first record.</summary>
    /// <param name="text">Whole records from the start of the file.</param>
    /// <param name="name">Of the file, for messages.</param>
    /// <param name="hasNames">The first record holds names; else it is the first row.</param>
    /// <exception cref="DataException">The first record is broken.</exception>
    public static TableHeader Read(ReadOnlySpan<byte> text, string name, bool hasNames)
    {
        if (text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw new DataException($"{name}: expected UTF-8 text, found UTF-16.");
        }

        var mark = Encoding.UTF8.Preamble;
        int start = text.StartsWith(mark) ? mark.Length : 0, lines = 0;
        for (; start < text.Length && text[start] is (byte)'\n' or (byte)'\r'; start++) lines += text[start] == '\n' ? 1 : 0;
        byte delimiter = DelimiterOf(text[start..]);
        var names = new List<string>();
        int at = start;
        while (true)
        {
            int length = TableBlock.Cell(text[at..], delimiter, out var inner, out string? fault);
            if (fault is not null) throw new DataException(string.Create(CultureInfo.InvariantCulture, $"{name}, line {lines + 1}, cell {names.Count + 1}: {fault}."));
            if (names.Count == MostColumns) throw new DataException($"{name}: expected at most {MostColumns} columns.");
            names.Add(hasNames ? Encoding.UTF8.GetString(inner).Replace("\"\"", "\"", StringComparison.Ordinal).Trim() : Number(names.Count + 1));
            lines += hasNames ? text.Slice(at, length).Count((byte)'\n') : 0;
            at += length;
            if (at >= text.Length || text[at] != delimiter) break;
            at++;
        }

        return hasNames
            ? new TableHeader([.. names], delimiter, Math.Min(at + 1, text.Length), lines + 1)
            : new TableHeader([.. names], delimiter, start, lines);
    }

    static string Number(int column) => column.ToString(CultureInfo.InvariantCulture);

    static byte DelimiterOf(ReadOnlySpan<byte> text)
    {
        int commas = 0, semicolons = 0, tabs = 0;
        bool isQuoted = false;
        foreach (byte letter in text)
        {
            if (letter == '"') isQuoted = !isQuoted;
            if (isQuoted) continue;
            if (letter == '\n') break;
            commas += letter == ',' ? 1 : 0;
            semicolons += letter == ';' ? 1 : 0;
            tabs += letter == '\t' ? 1 : 0;
        }

        if (semicolons > commas && semicolons >= tabs) return (byte)';';
        return tabs > commas ? (byte)'\t' : (byte)',';
    }
}
