namespace Kneepoint.SystemTests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("run", "--no-such-option", "model.onnx")]
    [InlineData("run", "model.onnx", "--data", "data.yaml", "--out", "study", "--no-such-option")]
    [InlineData("run", "--no-such-option", "--data", "data.yaml", "--out", "study")]
    public void Unknown_option_is_an_error_with_one_sentence(params string[] arguments)
    {
        var result = Cli.Run(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("--no-such-option", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public void A_short_unknown_option_is_named_and_not_the_word_after_it()
    {
        var result = Cli.Run("run", "-x", "model.onnx", "--data", "data.yaml", "--out", "study");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'-x'", Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_has_an_example()
    {
        var result = Cli.Run("--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Example:", result.Output, StringComparison.Ordinal);
    }
}
