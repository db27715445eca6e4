namespace Kneepoint.SystemTests.CommandLine;

/// <summary>Nothing is recorded about the user and nothing is left behind.</summary>
public sealed class QuietTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");

    [Fact]
    public void Measuring_leaves_no_file_in_the_users_home_cache_or_temporary_folder()
    {
        using var folder = new TemporaryFolder();
        string home = Directory.CreateDirectory(folder.File("home")).FullName, temporary = Directory.CreateDirectory(folder.File("tmp")).FullName;
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["XDG_CACHE_HOME"] = Path.Combine(home, ".cache"),
            ["LOCALAPPDATA"] = home,
            ["TMPDIR"] = temporary,
            ["TEMP"] = temporary,
            ["TMP"] = temporary,
            // The runtime of .NET keeps pipes for debuggers there while a process lives.
            ["DOTNET_EnableDiagnostics"] = "0",
        };

        var result = Cli.Run(environment, TimeSpan.FromMinutes(1), "measure", Path.Combine(Samples, "glyphs.onnx"), "--data", Samples, "--latency-time", "50ms");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }));
    }
}
