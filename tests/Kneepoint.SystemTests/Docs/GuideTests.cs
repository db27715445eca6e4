using System.Globalization;
using System.Text;

namespace Kneepoint.SystemTests.Docs;

/// <summary>Runs the commands of docs/guide.md as they stand there, in order, in a copy of the demo's folder.</summary>
public sealed class GuideTests
{
    const string ExitMark = "# exit code ";

    [Fact]
    public void Every_command_of_the_guide_ends_as_it_says()
    {
        string guide = Path.Combine(RepositoryRoot(), "docs", "guide.md");
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryRoot(), "samples", "glyphs")))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        bool mustWrite = Environment.GetEnvironmentVariable("KNEEPOINT_WRITE_GUIDE") == "1";
        var written = new StringBuilder();
        bool isInside = false;
        string[] lines = File.ReadAllLines(guide);
        int commands = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("```", StringComparison.Ordinal)) isInside = lines[i] == "```console";
            if (!isInside || !lines[i].StartsWith("$ ", StringComparison.Ordinal))
            {
                if (!isInside || lines[i].StartsWith("```", StringComparison.Ordinal)) written.Append(lines[i]).Append('\n');
                continue;
            }

            string[] words = lines[i].Split(' ');
            Assert.Equal("kneepoint", words[1]);
            var result = Cli.Run(folder.Path, words[2..]);
            commands++;
            written.Append(lines[i]).Append('\n').Append(result.Output.ReplaceLineEndings("\n").TrimEnd('\n')).Append('\n');
            if (result.ExitCode != 0) written.Append(string.Create(CultureInfo.InvariantCulture, $"{ExitMark}{result.ExitCode}\n"));
            if (!mustWrite) Assert.True(StatedExitCode(lines, i) == result.ExitCode, $"{lines[i]}\nended with {result.ExitCode}. {result.Output}{result.Error}");
        }

        Assert.True(commands >= 8, "The guide has lost its commands.");
        if (mustWrite) File.WriteAllText(guide, written.ToString());
    }

    static int StatedExitCode(string[] lines, int command)
    {
        string? mark = lines.Skip(command + 1)
            .TakeWhile(line => !line.StartsWith("$ ", StringComparison.Ordinal) && !line.StartsWith("```", StringComparison.Ordinal))
            .FirstOrDefault(line => line.StartsWith(ExitMark, StringComparison.Ordinal));
        return mark is null ? 0 : int.Parse(mark.AsSpan(ExitMark.Length), CultureInfo.InvariantCulture);
    }

    static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Kneepoint.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"Kneepoint.slnx is in no folder above {AppContext.BaseDirectory}.");
    }
}
