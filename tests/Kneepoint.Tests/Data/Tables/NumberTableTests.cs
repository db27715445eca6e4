using System.Globalization;
using System.Text;
using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Tables;

namespace Kneepoint.Tests.Data.Tables;

public sealed class NumberTableTests
{
    static NumberTable Read(string text, params int[] columns) => Read(text, hasNames: true, columns);

    static NumberTable Read(string text, bool hasNames, params int[] columns)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return NumberTable.Read(stream, "points.csv", hasNames, _ => columns, null, TestContext.Current.CancellationToken);
    }

    static string Refusal(string text, params int[] columns) => Assert.Throws<DataException>(() => Read(text, columns)).Message;

    [Theory]
    [InlineData("id,x,y\na,1,2\nb,3,4\n")]
    [InlineData("id,x,y\r\na,1,2\r\n\r\nb,3,4")]
    [InlineData("\uFEFFid;x;y\na;1;2\nb;3;4")]
    [InlineData("id\tx\ty\na, \t1\t 2 \nb\t3\t4")]
    [InlineData("\"id\",\"x\",\"y\"\n\"a,\n\"\"b\",\"1\",2\n,3,\"4\"\n")]
    public void The_same_table_in_any_dress(string text)
    {
        var table = Read(text, 2, 1);

        Assert.Equal(["id", "x", "y"], table.Columns);
        Assert.Equal([2, 1, 4, 3], table.Values);
        Assert.Equal(2, table.Rows);
    }

    [Fact]
    public void Without_a_header_columns_are_numbered() => Assert.Equal(["1", "2"], Read("5,6\n7,8\n", hasNames: false, 0, 1).Columns);

    [Fact]
    public void A_header_alone_has_no_rows() => Assert.Empty(Read("x,y\n", 0, 1).Values);

    [Theory]
    [InlineData("x,y\n1,2\n3,nan\n", "points.csv, row 2 (line 3), column 'y': expected a number, found 'nan'.")]
    [InlineData("x,y\n1,2\n\n,3\n", "points.csv, row 2 (line 4), column 'x': expected a number, found an empty cell.")]
    [InlineData("x;y\n1;2,5\n", "points.csv, row 1 (line 2), column 'y': expected a number, found '2,5' (decimals take a point).")]
    [InlineData("x,y\n1,1e999\n", "points.csv, row 1 (line 2), column 'y': expected a number that a double can hold, found '1e999'.")]
    [InlineData("x,y\n1,2\n3\n", "points.csv, row 2 (line 3): expected 2 cells, found 1.")]
    [InlineData("x,y\n1,2,3\n", "points.csv, row 1 (line 2): expected 2 cells, found 3.")]
    [InlineData("x,y\n\"1,2\n", "points.csv, row 1 (line 2), column 'x': a quote is opened and never closed.")]
    [InlineData("x,y\n1,\"2\"3\n", "points.csv, row 1 (line 2), column 'y': text follows a closing quote (double the quotes inside a cell).")]
    [InlineData("", "points.csv is empty: expected a table with a header.")]
    public void A_fault_is_named_by_its_place(string text, string expected) => Assert.Equal(expected, Refusal(text, 0, 1));

    [Fact]
    public void Two_byte_text_is_refused()
    {
        using var stream = new MemoryStream([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("x,y\n1,2\n")]);

        var exception = Assert.Throws<DataException>(() =>
            NumberTable.Read(stream, "points.csv", true, _ => [0], null, TestContext.Current.CancellationToken));

        Assert.Equal("points.csv: expected UTF-8 text, found UTF-16.", exception.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Many_blocks_keep_their_order_and_their_line_numbers(bool isQuoted)
    {
        const int Rows = 60_000;
        var text = new StringBuilder("note,x\n");
        string note = isQuoted ? "\"a long\nnote, that fills\nblocks with little\"" : "a long note that fills blocks with little";
        for (int i = 0; i < Rows; i++) text.Append(note).Append(',').Append(i.ToString(CultureInfo.InvariantCulture)).Append('\n');

        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (double)i), Read(text.ToString(), 1).Values);
        int line = 2 + Rows * (isQuoted ? 3 : 1);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"points.csv, row {Rows + 1} (line {line}), column 'x'"),
            Refusal(text.Append(",?\n").ToString(), 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_give_a_table_or_a_sentence() => Gen.OneOf((char[])['1', '2', '.', ',', ';', '"', '\n', '\r', 'e', '-', ' ']).Array[0, 40].Sample(letters =>
    {
        try
        {
            Read("x,y\n" + new string(letters), 0, 1);
        }
        catch (DataException exception)
        {
            Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        }
    }, iter: 5000);
}
