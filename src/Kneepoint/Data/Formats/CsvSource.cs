using System.Globalization;
using System.Runtime.InteropServices;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>The rows of a table of numbers, grouped into one field per input of the network, and a target column.</summary>
sealed class CsvSource : ISampleSource
{
    readonly string _file;
    readonly CsvLayout _layout;

    CsvSource(string file, CsvLayout layout, long count)
    {
        _file = file;
        _layout = layout;
        Count = count;
        Name = Path.GetFileName(file);
        Fields = [.. layout.Groups.Select(group => new SampleField(group.Field, FieldKind.Array, ElementType.Float64, [group.Columns.Count]))];
        if (layout.TargetColumn >= 0)
        {
            Fields = [.. Fields, new SampleField("target", FieldKind.Array, layout.IsTargetWhole ? ElementType.Int64 : ElementType.Float64, [])];
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => _layout.Findings;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => _layout.ClassNames;

    /// <summary>Opens a table: reads it once to count and check its rows.</summary>
    /// <exception cref="DataException">A column is missing, a row has another number of cells, or a cell is no number; the message names line and column.</exception>
    public static CsvSource Open(string file, CsvRequest request)
    {
        var layout = CsvLayout.Of(file, request);
        long count = 0;
        using var reader = layout.Open(file);
        double[] values = new double[layout.ColumnCount];
        while (reader.Read())
        {
            layout.Check(reader);
            foreach (var group in layout.Groups) layout.Read(reader, group.Columns, values);
            count++;
        }

        if (count == 0) throw new DataException($"'{file}' holds no rows of data.");
        return new CsvSource(file, layout, count);
    }

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index) => $"{Name}, row {index + 1} of data";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader(CsvSource source) : ISampleReader
    {
        readonly CsvReader _reader = source._layout.Open(source._file);
        long _next;

        public void Skip(long count)
        {
            for (long i = 0; i < count; i++) MoveNext();
        }

        public void Read(SampleBlock block)
        {
            block.Begin(_next);
            MoveNext();
            for (int i = 0; i < source._layout.Groups.Count; i++)
            {
                var room = block.Append(i, source.Fields[i].SampleBytes);
                source._layout.Read(_reader, source._layout.Groups[i].Columns, MemoryMarshal.Cast<byte, double>(room));
            }

            if (source._layout.TargetColumn < 0) return;
            var target = block.Append(source.Fields.Count - 1, sizeof(double));
            source._layout.ReadTarget(_reader, target);
        }

        public void Dispose() => _reader.Dispose();

        void MoveNext()
        {
            if (!_reader.Read()) throw new DataException(string.Create(CultureInfo.InvariantCulture, $"'{source._file}' has changed: it ends after {_next} rows."));
            source._layout.Check(_reader);
            _next++;
        }
    }
}
