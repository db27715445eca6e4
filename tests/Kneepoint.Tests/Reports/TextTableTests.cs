using CsCheck;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_are_aligned()
    {
        var table = new TextTable(new("name"), new("bytes", IsRight: true), new("what", MayShrink: true));
        table.Add("a", "12.3 KB", "static-int8 ×12, weight-int4 ×3");
        table.Add("模型", "1 B", "é");

        Approved.Matches(table.ToText(36), "Reports", "TextTableTests.Columns");
    }

    [Fact]
    public void A_table_that_may_shrink_fits() => Gen.Select(Gen.String[Gen.Char[' ', '漢'], 0, 60], Gen.Int[30, 90]).Sample((text, width) =>
    {
        var table = new TextTable(new("name"), new("what", MayShrink: true));
        table.Add("0123456789", text);

        Assert.All(table.ToText(width).Split('\n'), line => Assert.InRange(TextTable.Cells(line), 0, width));
    });

    [Fact]
    public void A_row_of_another_length_is_refused() =>
        Assert.Contains("1 columns, the row 2", Assert.Throws<ArgumentException>(() => new TextTable(new TextColumn("a")).Add("b", "c")).Message, StringComparison.Ordinal);
}
