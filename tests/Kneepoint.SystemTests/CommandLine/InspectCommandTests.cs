using System.Text.Json;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>inspect as a user runs it.</summary>
public sealed class InspectCommandTests
{
    static readonly string Model = Path.Combine(Repository.Root, "samples", "glyphs", "glyphs.onnx");

    [Fact]
    public void Json_is_one_document_whose_totals_are_the_sums_of_its_nodes()
    {
        var result = Cli.Run("inspect", Model, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        using var document = JsonDocument.Parse(result.Output);
        var totals = document.RootElement.GetProperty("totals");
        var nodes = document.RootElement.GetProperty("nodes").EnumerateArray().ToArray();
        foreach (string name in new[] { "parameters", "weightBytes", "macs", "bitOps", "activationBytes" })
        {
            Assert.Equal(totals.GetProperty(name).GetInt64(), nodes.Sum(node => node.GetProperty(name).GetInt64()));
        }

        Assert.True(totals.GetProperty("macs").GetInt64() > 0);
        Assert.Equal(totals.GetProperty("macs").GetInt64() * 32 * 32, totals.GetProperty("bitOps").GetInt64());
        Assert.True(totals.GetProperty("weightBytes").GetInt64() < new FileInfo(Model).Length);
        Assert.Equal(0, document.RootElement.GetProperty("uncounted").GetArrayLength());
    }

    [Fact]
    public void The_batch_multiplies_work_and_activations_and_leaves_weights_as_they_are()
    {
        long[] one = Totals("1"), four = Totals("4");

        Assert.Equal(4 * one[0], four[0]);
        Assert.Equal(one[1], four[1]);
    }

    [Fact]
    public void The_table_shows_sums_and_the_bits_of_operands()
    {
        var result = Cli.Run("inspect", Model);

        Assert.Equal(0, result.ExitCode);
        foreach (string word in new[] { "parameters", "weights", "MACs", "bit operations", "activations, peak", "32·32" }) Assert.Contains(word, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "does not exist")]
    [InlineData(true, "--shape: expected an input of the network", "--shape", "nothing=1x1x7")]
    [InlineData(true, "--shape: expected NAME=SIZES", "--shape", "text")]
    [InlineData(true, "--batch", "--batch", "0")]
    public void What_cannot_be_inspected_gets_one_sentence(bool isNamed, string sentence, params string[] options)
    {
        var result = Cli.Run(["inspect", isNamed ? Model : "", .. options]);

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(sentence, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("this should not happen", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_has_an_example() => Assert.Contains("Example: kneepoint inspect", Cli.Run("inspect", "--help").Output, StringComparison.Ordinal);

    static long[] Totals(string batch)
    {
        using var document = JsonDocument.Parse(Cli.Run("inspect", Model, "--json", "--batch", batch).Output);
        var totals = document.RootElement.GetProperty("totals");
        return [totals.GetProperty("macs").GetInt64(), totals.GetProperty("weightBytes").GetInt64()];
    }
}
