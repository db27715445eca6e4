using System.Globalization;

namespace Kneepoint.Data.Formats;

/// <summary>What a description asks of a table.</summary>
/// <param name="Inputs">By input of the network: its columns, or null for all that are left.</param>
/// <param name="Target">The target's column; null looks for one named label, target, class or y; "" for none.</param>
/// <param name="Delimiter">Between cells.</param>
/// <param name="Classes">Names of classes in order; null sorts the names that are found.</param>
sealed record CsvRequest(
    IReadOnlyList<(string Input, IReadOnlyList<string>? Columns)> Inputs, string? Target, char Delimiter, IReadOnlyList<string>? Classes);

/// <summary>Some columns of a table that make one field.</summary>
sealed record CsvGroup(string Field, IReadOnlyList<int> Columns);

/// <summary>Where inputs and target stand in a table.</summary>
sealed class CsvLayout
{
    const int MaxClasses = 100_000;

    static readonly string[] TargetNames = ["label", "target", "class", "y"];

    readonly string _name;
    readonly char _delimiter;
    readonly bool _hasHeader;
    readonly string[] _columns;
    Dictionary<string, long>? _classes;

    CsvLayout(string name, char delimiter, bool hasHeader, string[] columns)
    {
        _name = name;
        _delimiter = delimiter;
        _hasHeader = hasHeader;
        _columns = columns;
    }

    /// <summary>The columns of the table.</summary>
    public int ColumnCount => _columns.Length;

    /// <summary>One field per input.</summary>
    public IReadOnlyList<CsvGroup> Groups { get; private set; } = [];

    /// <summary>The target's column; −1 if there is none.</summary>
    public int TargetColumn { get; private set; } = -1;

    /// <summary>Whether all targets are whole numbers or names of classes.</summary>
    public bool IsTargetWhole { get; private set; } = true;

    /// <summary>The classes as found and sorted; null if their order was given, or targets are numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; private set; }

    /// <summary>What was assumed.</summary>
    public IReadOnlyList<Finding> Findings { get; private set; } = [];

    /// <summary>Reads the header and the targets of a table.</summary>
    /// <exception cref="DataException">The table is empty, or lacks a column.</exception>
    public static CsvLayout Of(string file, CsvRequest request)
    {
        string name = Path.GetFileName(file);
        using var reader = new CsvReader(file, request.Delimiter);
        if (!reader.Read()) throw new DataException($"'{file}' is empty: expected rows of numbers.");
        string[] first = [.. Enumerable.Range(0, reader.Count).Select(i => reader[i].Trim().ToString())];
        bool hasHeader = !first.All(cell => TryNumber(cell, out _)) && first.All(cell => !TryNumber(cell, out _));
        string[] columns = hasHeader ? first : [.. Enumerable.Range(1, first.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        var layout = new CsvLayout(name, request.Delimiter, hasHeader, columns);
        layout.Assign(request);
        layout.ReadClasses(file, request.Classes);
        return layout;
    }

    /// <summary>Opens the table at its first row of data.</summary>
    public CsvReader Open(string file)
    {
        var reader = new CsvReader(file, _delimiter);
        if (_hasHeader) reader.Read();
        return reader;
    }

    /// <summary>Checks the number of cells of a row.</summary>
    /// <exception cref="DataException">It differs from the first row's.</exception>
    public void Check(CsvReader row)
    {
        if (row.Count != _columns.Length) throw new DataException($"{_name}, line {row.Line}: expected {_columns.Length} cells, found {row.Count}.");
    }

    /// <summary>Reads the numbers of some columns.</summary>
    /// <exception cref="DataException">A cell is no finite number.</exception>
    public void Read(CsvReader row, IReadOnlyList<int> columns, Span<double> destination)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (!TryNumber(row[columns[i]], out destination[i])) throw NotNumber(row, columns[i]);
        }
    }

    /// <summary>Reads the target as Int64 or Float64.</summary>
    /// <exception cref="DataException">The cell is neither a number nor a class.</exception>
    public void ReadTarget(CsvReader row, Span<byte> destination)
    {
        var cell = row[TargetColumn].Trim();
        if (!IsTargetWhole)
        {
            BitConverter.TryWriteBytes(destination, TryNumber(cell, out double value) ? value : throw NotNumber(row, TargetColumn));
            return;
        }

        long label = 0;
        bool isKnown = _classes is null ? TryWhole(cell, out label) : _classes.TryGetValue(cell.ToString(), out label);
        if (!isKnown) throw new DataException($"{_name}, line {row.Line}, column '{_columns[TargetColumn]}': '{cell}' is none of the {_classes?.Count ?? 0} classes.");
        BitConverter.TryWriteBytes(destination, label);
    }

    void Assign(CsvRequest request)
    {
        TargetColumn = request.Target switch
        {
            "" => -1,
            null => Array.FindIndex(_columns, column => TargetNames.Contains(column, StringComparer.OrdinalIgnoreCase)),
            _ => Column(request.Target),
        };
        if (request.Target is null && TargetColumn < 0 && _columns.Length > 1)
        {
            TargetColumn = _columns.Length - 1;
            Findings = [new Finding("target-assumed", FindingSeverity.Note, $"Nothing says which column of {_name} is the target: the last one, '{_columns[^1]}', is taken. Say 'target' in data.yaml.")];
        }

        var taken = request.Inputs.Where(input => input.Columns is not null).SelectMany(input => input.Columns!.Select(Column)).ToHashSet();
        if (request.Inputs.Count(input => input.Columns is null) > 1) throw new DataException($"{_name} feeds several inputs: say under 'inputs' which columns each takes.");
        Groups = [.. request.Inputs.Select(input => new CsvGroup(input.Input, input.Columns is { } names
            ? [.. names.Select(Column)]
            : [.. Enumerable.Range(0, _columns.Length).Where(column => column != TargetColumn && !taken.Contains(column))]))];
        foreach (var group in Groups)
        {
            if (group.Columns.Count == 0) throw new DataException($"{_name} has no column left for the input '{group.Field}'.");
        }
    }

    void ReadClasses(string file, IReadOnlyList<string>? classes)
    {
        if (TargetColumn < 0) return;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        bool isNumber = true;
        using (var reader = Open(file))
        {
            while (reader.Read() && (isNumber || classes is null))
            {
                Check(reader);
                var cell = reader[TargetColumn].Trim();
                isNumber &= TryNumber(cell, out _);
                IsTargetWhole &= TryWhole(cell, out _);
                if (names.Count < MaxClasses) names.Add(cell.ToString());
            }
        }

        if (isNumber) return;
        if (classes is null && names.Count >= MaxClasses) throw new DataException($"{_name}, column '{_columns[TargetColumn]}' holds more than {MaxClasses} different texts: expected numbers or classes.");
        IsTargetWhole = true;
        ClassNames = classes is null ? [.. names] : null;
        _classes = (classes ?? ClassNames!).Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => (long)pair.index, StringComparer.Ordinal);
    }

    int Column(string name)
    {
        int index = Array.IndexOf(_columns, name);
        return index >= 0 ? index : throw new DataException($"{_name} has no column '{name}': it has {string.Join(", ", _columns.Take(20))}{(_columns.Length > 20 ? ", …" : "")}.");
    }

    DataException NotNumber(CsvReader row, int column)
        => new($"{_name}, line {row.Line}, column '{_columns[column]}': expected a finite number, found '{row[column]}'.");

    static bool TryNumber(ReadOnlySpan<char> text, out double value)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    static bool TryWhole(ReadOnlySpan<char> text, out long value)
        => long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);
}
