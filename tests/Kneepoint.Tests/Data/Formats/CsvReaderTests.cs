using System.Text;
using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Formats;

namespace Kneepoint.Tests.Data.Formats;

public sealed class CsvReaderTests
{
    static readonly Gen<string> Cell = Gen.Char["ab,\"\r\n é"].Array[0, 6].Select(chars => new string(chars));
    static readonly Gen<string[][]> Table = Cell.Array[2, 4].Array[1, 5];

    [Fact]
    public void Tables_come_back_as_they_were_written()
    {
        using var folder = new DataFolder();
        Gen.Select(Table, Gen.OneOf(Gen.Const("\n"), Gen.Const("\r\n"), Gen.Const("\r")), Gen.Bool).Sample((table, lineEnd, endsWithLine) =>
        {
            string text = string.Join(lineEnd, table.Select(row => string.Join(',', row.Select(Quoted)))) + (endsWithLine ? lineEnd : "");
            Assert.Equal(table, Read(folder.Write("t.csv", text)));
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Lines_are_counted_and_blank_ones_passed_over()
    {
        using var folder = new DataFolder();
        using var reader = new CsvReader(folder.Write("t.csv", "\uFEFFa,\"x\ny\"\r\n\r\nb,2"), ',');

        Assert.True(reader.Read());
        Assert.Equal(1, reader.Line);
        Assert.Equal("x\ny", reader[1].ToString());
        Assert.True(reader.Read());
        Assert.Equal(4, reader.Line);
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData("a,\"b", "t.csv, line 1: a quote is opened and never closed.")]
    [InlineData("x\na,\"b\"c", "t.csv, line 2: text follows a closing quote. Double the quotes inside a cell.")]
    public void Bad_quotes_are_errors(string text, string expected)
    {
        using var folder = new DataFolder();
        folder.Write("t.csv", text);

        Assert.Equal(expected, Assert.Throws<DataException>(() => Read(folder["t.csv"])).Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_give_a_sentence()
    {
        using var folder = new DataFolder();
        Gen.Byte.Array[1, 60].Sample(bytes =>
        {
            try
            {
                Read(folder.Write("t.csv", bytes));
            }
            catch (DataException exception)
            {
                Assert.StartsWith("t.csv, line ", exception.Message, StringComparison.Ordinal);
            }
        }, iter: 200, threads: 1);
    }

    // A record of one empty cell is a blank line, which is passed over: cells are quoted where that or a delimiter could be misread.
    static string Quoted(string cell) => new StringBuilder("\"").Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').ToString();

    static string[][] Read(string file)
    {
        var rows = new List<string[]>();
        using var reader = new CsvReader(file, ',');
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.Count).Select(i => reader[i].ToString())]);
        return [.. rows];
    }
}
