using System.Text;

namespace Kneepoint.Data.Formats;

/// <summary>Reads the records of a CSV file one at a time: quotes, doubled quotes, line ends of every system, blank lines passed over.</summary>
/// <remarks>Source: RFC 4180. Lengths are bounded, so that a file without line ends cannot fill the memory.</remarks>
sealed class CsvReader : IDisposable
{
    const int MaxRecordChars = 16 * 1024 * 1024;
    const int MaxCells = 200_000;

    readonly StreamReader _reader;
    readonly string _name;
    readonly char _delimiter;
    readonly List<int> _ends = [];
    readonly char[] _buffer = new char[32 * 1024];
    char[] _record = new char[1024];
    int _length;
    int _position;
    int _filled;
    long _line = 1;

    /// <summary>Opens a file, through gzip if it is compressed.</summary>
    public CsvReader(string file, char delimiter)
    {
        _name = Path.GetFileName(file);
        _delimiter = delimiter;
        _reader = new StreamReader(Files.OpenMaybeGzip(file, out _), new UTF8Encoding(false, throwOnInvalidBytes: true));
    }

    /// <summary>The cells of the current record.</summary>
    public int Count => _ends.Count;

    /// <summary>The line on which the current record starts, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>A cell of the current record, without its quotes.</summary>
    public ReadOnlySpan<char> this[int cell] => _record.AsSpan((cell == 0 ? 0 : _ends[cell - 1]).._ends[cell]);

    /// <summary>Reads the next record; false at the end of the file.</summary>
    /// <exception cref="DataException">A quote is not closed, text follows a closing quote, or the record is too long.</exception>
    public bool Read()
    {
        do
        {
            _ends.Clear();
            _length = 0;
            Line = _line;
            if (Peek() < 0) return false;
            ReadRecord();
        }
        while (_ends.Count == 1 && _length == 0);
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _reader.Dispose();

    void ReadRecord()
    {
        while (true)
        {
            if (Peek() == '"') ReadQuoted();
            else ReadPlain();
            if (_ends.Count == MaxCells) throw new DataException($"{_name}, line {Line}: expected at most {MaxCells} cells in a record.");
            _ends.Add(_length);
            int next = Take();
            if (next == _delimiter) continue;
            if (next == '\r' && Peek() == '\n') Take();
            _line++;
            return;
        }
    }

    void ReadPlain()
    {
        for (int next = Peek(); next >= 0 && next != _delimiter && next is not ('\r' or '\n'); next = Peek()) Append((char)Take());
    }

    void ReadQuoted()
    {
        Take();
        while (true)
        {
            int next = Take();
            if (next < 0) throw new DataException($"{_name}, line {Line}: a quote is opened and never closed.");
            if (next == '\n') _line++;
            if (next != '"') Append((char)next);
            else if (Peek() == '"') Append((char)Take());
            else break;
        }

        int after = Peek();
        if (after >= 0 && after != _delimiter && after is not ('\r' or '\n'))
        {
            throw new DataException($"{_name}, line {_line}: text follows a closing quote. Double the quotes inside a cell.");
        }
    }

    void Append(char character)
    {
        if (_length == _record.Length)
        {
            if (_length >= MaxRecordChars) throw new DataException($"{_name}, line {Line}: the record is longer than {MaxRecordChars} characters.");
            Array.Resize(ref _record, _length * 2);
        }

        _record[_length++] = character;
    }

    int Peek()
    {
        if (_position == _filled && !Fill()) return -1;
        return _buffer[_position];
    }

    int Take()
    {
        int next = Peek();
        if (next >= 0) _position++;
        return next;
    }

    bool Fill()
    {
        try
        {
            _filled = _reader.Read(_buffer);
        }
        catch (Exception exception) when (exception is DecoderFallbackException or InvalidDataException or IOException)
        {
            throw new DataException($"{_name}, line {_line} cannot be read as UTF-8 text: {exception.Message}", exception);
        }

        _position = 0;
        return _filled > 0;
    }
}
