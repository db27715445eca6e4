using System.Text.Json;
using Kneepoint.Compression;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class MethodsCommandTests
{
    [Fact]
    public void Every_method_has_a_line()
    {
        var result = Cli.Run("methods");

        Assert.Equal(0, result.ExitCode);
        foreach (string name in MethodCatalog.Names) Assert.Contains($"\n{name} ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_methods_are_shown_with_their_options_and_defaults()
    {
        var result = Cli.Run("methods", "prune-channels", "static-int8");

        Assert.Contains("  scope = (network) | group\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("  range = (minmax) | percentile | entropy | mse\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("low-rank", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_name_is_refused_with_those_that_there_are()
    {
        var result = Cli.Run("methods", "nothing");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("static-int8", result.Error, StringComparison.Ordinal);
        Assert.Contains("found 'nothing'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_says_the_same_to_programs()
    {
        var result = Cli.Run("methods", "low-rank", "--json");

        using var document = JsonDocument.Parse(result.Output);
        var method = document.RootElement.GetProperty("methods")[0];
        Assert.Equal("low-rank", method.GetProperty("name").GetString());
        Assert.Equal("0.01", method.GetProperty("options")[0].GetProperty("default").GetString());
    }

    [Fact]
    public void Every_method_has_a_page()
    {
        string folder = Path.Combine(Repository.Root, "docs", "methods");
        string index = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (string name in MethodCatalog.Names)
        {
            string line = index.Split('\n').Single(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));
            string page = line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..line.IndexOf(".md)", StringComparison.Ordinal)] + ".md";
            Assert.Contains($"`{name}`", File.ReadAllText(Path.Combine(folder, page)), StringComparison.Ordinal);
        }
    }
}
