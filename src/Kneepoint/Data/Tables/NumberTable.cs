using System.Globalization;

namespace Kneepoint.Data.Tables;

/// <summary>Chosen columns of a CSV table, as numbers.</summary>
/// <remarks>
/// Records as RFC 4180 has them; comma, semicolon or tab, whichever the first record holds; UTF-8 with or without a mark; blank lines are passed over where
/// the table has more than one column. The text is read in blocks of whole records, and several blocks are turned into numbers at the same time; the
/// result does not depend on how many. Only the chosen columns must be numbers. Memory: 8 bytes for each number, twice while they are put together.
/// </remarks>
/// <param name="Columns">All names in the file's order.</param>
/// <param name="Values">[Rows, chosen columns], row-major; infinities possible, no NaN.</param>
/// <param name="Rows">Records without the header.</param>
public sealed record NumberTable(IReadOnlyList<string> Columns, double[] Values, long Rows)
{
    const int BlockBytes = 1 << 20;
    const int MostRecordBytes = 1 << 24;

    /// <summary>Reads a table.</summary>
    /// <param name="stream">From its current place to its end.</param>
    /// <param name="name">For messages.</param>
    /// <param name="hasNames">The first record holds the columns' names; else they are called 1, 2, 3 …</param>
    /// <param name="choose">From all names to the places of the columns to read, each at most once, in the order of the values.</param>
    /// <param name="progress">Takes the bytes read so far; may be null.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DataException">The file is empty or broken, a chosen cell is no number, empty or NaN (row, line and column are named), or a number is beyond
    /// the largest double.</exception>
    public static NumberTable Read(
        Stream stream, string name, bool hasNames, Func<IReadOnlyList<string>, int[]> choose, Action<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(choose);
        var text = new TableText(stream, name, BlockBytes, MostRecordBytes);
        if (!text.Next()) throw new DataException($"{name} is empty: expected a table with a header.");
        var header = TableHeader.Read(text.Block.Span, name, hasNames);
        int[] chosen = choose(header.Names);
        int[] slots = new int[header.Names.Length];
        Array.Fill(slots, -1);
        for (int i = 0; i < chosen.Length; i++) slots[chosen[i]] = i;

        var rows = new RowCollector(name, header);
        var pending = new Queue<Task<TableBlock>>();
        int skip = header.Length;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var (block, from) = (text.Detach(), skip);
            skip = 0;
            pending.Enqueue(Task.Run(() =>
            {
                var read = TableBlock.Read(block.Span[from..], header.Delimiter, slots, chosen.Length);
                block.Return();
                return read;
            }, CancellationToken.None));
            if (pending.Count > 2 * Environment.ProcessorCount) rows.Add(pending.Dequeue().GetAwaiter().GetResult());
            progress?.Invoke(text.BytesRead);
        }
        while (text.Next());

        while (pending.TryDequeue(out var task)) rows.Add(task.GetAwaiter().GetResult());
        return new NumberTable(header.Names, rows.Values(), rows.Rows);
    }

    /// <summary>Puts blocks together in their order.</summary>
    sealed class RowCollector(string name, TableHeader header)
    {
        readonly List<double[]> _pieces = [];
        long _count;
        long _line = header.Lines;

        public long Rows { get; private set; }

        public void Add(TableBlock block)
        {
            Rows += block.Rows;
            _line += block.Lines;
            if (block.Fault is { } fault)
            {
                string column = fault.Cell < 0 || fault.Cell >= header.Names.Length ? "" : $", column '{header.Names[fault.Cell]}'";
                throw new DataException(string.Create(CultureInfo.InvariantCulture, $"{name}, row {Rows + 1} (line {_line + 1}){column}: {fault.Sentence}."));
            }

            _pieces.Add(block.Values.ToArray());
            _count += block.Values.Length;
            if (_count > Array.MaxLength)
            {
                throw new DataException(string.Create(CultureInfo.InvariantCulture, $"{name}: expected at most {Array.MaxLength} numbers in the chosen columns."));
            }
        }

        public double[] Values()
        {
            double[] values = new double[_count];
            int at = 0;
            foreach (double[] piece in _pieces)
            {
                piece.CopyTo(values, at);
                at += piece.Length;
            }

            return values;
        }
    }
}
