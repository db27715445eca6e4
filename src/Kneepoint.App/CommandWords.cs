namespace Kneepoint.App;

/// <summary>Words of a command that can be typed as they are shown.</summary>
static class CommandWords
{
    /// <summary>How to start this program: "kneepoint" if that is what the shell would find, otherwise the path of its file.</summary>
    public static string Program { get; } = FindProgram();

    /// <summary>A word for a shell: in single quotes where it holds anything that a shell would not take as it is.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./\\:+,=@%".Contains(c, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    static string FindProgram()
    {
        const string Name = "kneepoint";
        if (Environment.ProcessPath is not { } file || Path.GetFileNameWithoutExtension(file) != Name) return Name;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, Path.GetFileName(file))))) return Name;
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return Quote(relative.StartsWith("..", StringComparison.Ordinal) ? file : relative);
    }
}
