using System.Text.Json;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class FrontCommandTests
{
    static readonly Dictionary<string, string> CommaCulture = new() { ["LANG"] = "de_DE.UTF-8", ["LC_ALL"] = "de_DE.UTF-8" };

    static CliResult Front(string table, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("points.csv");
        File.WriteAllText(file, table);
        return Cli.Run(CommaCulture, TimeSpan.FromMinutes(2), ["front", file, .. arguments]);
    }

    static JsonElement Json(string table, params string[] arguments)
    {
        var result = Front(table, [.. arguments, "--json"]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    static int[] Rows(JsonElement answer) => [.. answer.GetProperty("frontier").EnumerateArray().Select(point => point.GetProperty("row").GetInt32())];

    [Fact]
    public void Frontier_volume_knee_and_ties_of_a_table()
    {
        var answer = Json("name;x;y\na;5;5\nb;4;6\nc;2;7\nd;7;4\n\"e\";8;8\nf;5.0;5e0\n", "--minimize", "x,y", "--reference", "10,10");

        Assert.Equal(6, answer.GetProperty("rows").GetInt32());
        Assert.Equal([1, 2, 3, 4, 6], Rows(answer));
        Assert.Equal(38, answer.GetProperty("hypervolume").GetProperty("value").GetDouble());
        Assert.Equal(1, answer.GetProperty("knee").GetInt32());
        Assert.Equal([1, 6], Assert.Single(answer.GetProperty("ties").EnumerateArray()).EnumerateArray().Select(row => row.GetInt32()));
        Assert.True(answer.GetProperty("seconds").GetProperty("reading").GetDouble() > 0);
    }

    [Fact]
    public void Maximized_columns_are_turned_and_come_back_in_their_own_sign()
    {
        var answer = Json("cost,gain\n1,0.5\n2,0.75\n3,0.25\n", "--minimize", "cost", "--maximize", "gain", "--reference", "gain=0,cost=4");

        Assert.Equal([1, 2], Rows(answer));
        Assert.Equal(0.75, answer.GetProperty("frontier")[1].GetProperty("values")[1].GetDouble());
        Assert.Equal(3 * 0.5 + 2 * 0.25, answer.GetProperty("hypervolume").GetProperty("value").GetDouble());
        Assert.Equal("maximize", answer.GetProperty("objectives")[1].GetProperty("direction").GetString());
    }

    [Fact]
    public void Without_rows_the_frontier_is_empty()
    {
        var answer = Json("x,y\n", "--minimize", "x,y", "--reference", "1,1");

        Assert.Empty(Rows(answer));
        Assert.Equal(0, answer.GetProperty("hypervolume").GetProperty("value").GetDouble());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("knee").ValueKind);
    }

    [Theory]
    [InlineData("x,y\n1,2\n3,NaN\n", "row 2 (line 3), column 'y': expected a number, found 'NaN'.", "--minimize", "x,y")]
    [InlineData("x,y\n1,2\n3,\n", "row 2 (line 3), column 'y': expected a number, found an empty cell.", "--minimize", "x,y")]
    [InlineData("x,y\n1,2\n", "--minimize: expected one of the columns 'x', 'y'; found 'z'.", "--minimize", "x,z")]
    [InlineData("x,y\n1,2\n", "--maximize: the column 'x' is stated twice.", "--minimize", "x", "--maximize", "x")]
    [InlineData("x,y\n1,2\n", "--reference: expected 2 numbers between commas (x, y), found 1.", "--minimize", "x,y", "--reference", "1")]
    [InlineData("x,y\n1,2\n", "expected at least one column, found none.")]
    public void A_fault_is_one_sentence(string table, string expected, params string[] arguments)
    {
        var result = Front(table, arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.EndsWith(expected, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_takes_points_in_a_comma_culture() =>
        Assert.Contains("Hypervolume 0.25 up to x=1, y=1.", Front("x,y\n0.5,0.5\n", "--minimize", "x,y", "--reference", "1,1").Output, StringComparison.Ordinal);

    [Fact]
    public void Help_has_an_example() => Assert.Contains("Example:", Cli.Run("front", "--help").Output, StringComparison.Ordinal);
}
