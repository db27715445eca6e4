namespace Kneepoint.App;

/// <summary>Words of a command that can be typed as they are shown.</summary>
static class CommandWords
{
    /// <summary>How to start this program: "kneepoint" if that is what the shell would find, otherwise the path of its file.</summary>
    public static string Program { get; } = ProgramOf(Environment.ProcessPath, Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>A word for a shell: in single quotes where it holds anything that a shell would not take as it is.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./\\:+,=@%".Contains(c, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>As <see cref="Program"/>, for a process.</summary>
    /// <param name="file">The file that runs; null where nobody knows.</param>
    /// <param name="path">The folders that the shell searches.</param>
    internal static string ProgramOf(string? file, string path)
    {
        const string Name = "kneepoint";
        if (file is null) return Name;

        // 'dotnet run' starts the file that is named after the assembly; the one to type lies beside it.
        string ending = file.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? ".exe" : "", stem = Path.GetFileName(file)[..^ending.Length];
        if (stem == typeof(CommandWords).Assembly.GetName().Name) file = Path.Combine(Path.GetDirectoryName(file)!, Name + ending);
        else if (stem != Name) return Name;
        if (!File.Exists(file) || path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, Path.GetFileName(file))))) return Name;
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return Quote(relative.StartsWith("..", StringComparison.Ordinal) ? file : relative);
    }
}
