using System.Globalization;
using System.Text;

namespace Kneepoint.Data.Tables;

/// <summary>Reads the numbers of whole CSV records in memory.</summary>
/// <remarks>Blocks know nothing of each other, so that they can be read at the same time; a fault is a value with its place in the block.</remarks>
sealed class TableBlock
{
    readonly byte _delimiter;
    readonly int[] _slots;
    readonly int _width;
    double[] _values;
    int _count;

    TableBlock(byte delimiter, int[] slots, int width, int capacity)
    {
        (_delimiter, _slots, _width) = (delimiter, slots, width);
        _values = new double[capacity];
    }

    /// <summary>[rows, width], row-major.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, _count);

    /// <summary>Line ends in the block, those within quotes included.</summary>
    public int Lines { get; private set; }

    /// <summary>Whole records before the fault, blank lines not counted.</summary>
    public int Rows { get; private set; }

    /// <summary>The first fault: the cell, or −1 for the record, and the rest of the sentence; null if there is none.</summary>
    public (int Cell, string Sentence)? Fault { get; private set; }

    /// <summary>Reads a block.</summary>
    /// <param name="text">Whole records; the last one may lack its line end.</param>
    /// <param name="delimiter">Between cells.</param>
    /// <param name="slots">[cells of a record]: the place of a cell among the values of a row; −1 for cells that are passed over.</param>
    /// <param name="width">Values of a row.</param>
    public static TableBlock Read(ReadOnlySpan<byte> text, byte delimiter, int[] slots, int width)
    {
        const int GuessedBytes = 16;
        var block = new TableBlock(delimiter, slots, width, width * (text.Length / (GuessedBytes * slots.Length) + 1));
        int at = 0;
        while (at < text.Length && block.Fault is null) at = block.ReadRecord(text, at);
        return block;
    }

    /// <summary>Reads one cell from its first byte to the delimiter or line end behind it.</summary>
    /// <param name="text">From the cell on.</param>
    /// <param name="delimiter">Between cells.</param>
    /// <param name="inner">The cell without quotes and surrounding blanks; doubled quotes stay doubled.</param>
    /// <param name="fault">What is wrong; null if nothing is.</param>
    /// <returns>The length up to the delimiter or line end, without it.</returns>
    public static int Cell(ReadOnlySpan<byte> text, byte delimiter, out ReadOnlySpan<byte> inner, out string? fault)
    {
        fault = null;
        if (!text.IsEmpty && text[0] == '"') return QuotedCell(text, delimiter, out inner, out fault);
        int length = text.IndexOfAny(delimiter, (byte)'\n');
        if (length < 0) length = text.Length;
        inner = text[..length].Trim(" \t\r"u8);
        if (inner.Contains((byte)'"')) fault = "a quote stands inside a cell that does not begin with one";
        return length;
    }

    static int QuotedCell(ReadOnlySpan<byte> text, byte delimiter, out ReadOnlySpan<byte> inner, out string? fault)
    {
        inner = default;
        fault = "a quote is opened and never closed";
        int close = 1;
        while (true)
        {
            int next = text[close..].IndexOf((byte)'"');
            if (next < 0) return text.Length;
            close += next;
            if (close + 1 >= text.Length || text[close + 1] != '"') break;
            close += 2;
        }

        inner = text[1..close];
        int rest = text[(close + 1)..].IndexOfAny(delimiter, (byte)'\n');
        int end = rest < 0 ? text.Length : close + 1 + rest;
        fault = text[(close + 1)..end].Trim(" \t\r"u8).IsEmpty ? null : "text follows a closing quote (double the quotes inside a cell)";
        return end;
    }

    int ReadRecord(ReadOnlySpan<byte> text, int at)
    {
        if (IsBlank(text, at, out int after))
        {
            Lines++;
            return after;
        }

        if (_values.Length - _count < _width) Array.Resize(ref _values, Math.Max(2 * _values.Length, _width));
        var row = _values.AsSpan(_count, _width);
        for (int cell = 0; ; cell++)
        {
            bool isQuoted = at < text.Length && text[at] == '"';
            int length = Cell(text[at..], _delimiter, out var inner, out string? fault);
            if (fault is null && cell < _slots.Length && _slots[cell] >= 0) fault = Number(inner, out row[_slots[cell]]);
            if (fault is not null)
            {
                Fault = (cell, fault);
                return text.Length;
            }

            if (isQuoted) Lines += text.Slice(at, length).Count((byte)'\n');
            at += length;
            if (at < text.Length && text[at] == _delimiter)
            {
                at++;
                continue;
            }

            if (cell + 1 != _slots.Length)
            {
                Fault = (-1, string.Create(CultureInfo.InvariantCulture, $"expected {_slots.Length} cells, found {cell + 1}"));
                return text.Length;
            }

            Lines++;
            Rows++;
            _count += _width;
            return Math.Min(at + 1, text.Length);
        }
    }

    // In a table of one column a blank line is an empty cell.
    bool IsBlank(ReadOnlySpan<byte> text, int at, out int after)
    {
        after = at + 1;
        if (text[at] == '\r' && after < text.Length && text[after] == '\n') after++;
        else if (text[at] != '\n') return false;
        return _slots.Length > 1;
    }

    static string? Number(ReadOnlySpan<byte> inner, out double value)
    {
        if (NumberText.TryParse(inner, out value) && !double.IsNaN(value))
        {
            bool isFinite = double.IsFinite(value) || !inner.ContainsAnyInRange((byte)'0', (byte)'9');
            return isFinite ? null : $"expected a number that a double can hold, found '{Shown(inner)}'";
        }

        if (inner.IsEmpty) return "expected a number, found an empty cell";
        bool isComma = inner.Count((byte)',') == 1 && !inner.Contains((byte)'.');
        return $"expected a number, found '{Shown(inner)}'{(isComma ? " (decimals take a point)" : "")}";
    }

    static string Shown(ReadOnlySpan<byte> inner)
    {
        const int Most = 40;
        string text = Encoding.UTF8.GetString(inner[..Math.Min(inner.Length, Most)]);
        return string.Concat(text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter)) + (inner.Length > Most ? "…" : "");
    }
}
