using Kneepoint.App;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class CommandWordsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bug_after_dotnet_run_the_next_commands_named_a_program_that_no_shell_finds()
    {
        string started = _folder.File("Kneepoint.App"), typed = _folder.File("kneepoint");
        File.WriteAllText(started, "");
        Assert.Equal("kneepoint", CommandWords.ProgramOf(started, ""));
        File.WriteAllText(typed, "");

        Assert.Equal(CommandWords.Quote(typed), CommandWords.ProgramOf(started, ""));
        Assert.Equal(CommandWords.Quote(typed), CommandWords.ProgramOf(typed, ""));
        Assert.Equal("kneepoint", CommandWords.ProgramOf(started, Path.GetDirectoryName(typed)!));
        Assert.Equal("kneepoint", CommandWords.ProgramOf(_folder.File("dotnet"), ""));
        Assert.Equal("kneepoint", CommandWords.ProgramOf(null, ""));
    }
}
