namespace Kneepoint.Data.Formats;

/// <summary>A file with the name of a class on each line, in the order of the network's output.</summary>
static class ClassNamesFile
{
    /// <summary>Larger files are refused.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">The file is missing or names nothing.</exception>
    public static IReadOnlyList<string> Read(string file) => Parse(Files.ReadText(file, MaxBytes), Path.GetFileName(file));

    /// <summary>Reads a text; blank lines at the end do not count.</summary>
    /// <exception cref="DataException">The text names nothing, or a line between names is blank.</exception>
    public static IReadOnlyList<string> Parse(string text, string name)
    {
        string[] lines = text.TrimStart('\uFEFF').TrimEnd().Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = lines[i].Trim();
            if (lines[i].Length == 0) throw new DataException($"{name}, line {i + 1}: expected the name of a class, found a blank line.");
        }

        return lines;
    }
}
