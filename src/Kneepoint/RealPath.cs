namespace Kneepoint;

/// <summary>Where a path leads once every link in it has been followed.</summary>
static class RealPath
{
    const int MostLinks = 40;

    /// <summary>The path without links. The file need not exist.</summary>
    /// <param name="path">An absolute path.</param>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        int links = 0;
        string root = Path.GetPathRoot(path) ?? "";
        var rest = new Stack<string>(Split(path[root.Length..]).Reverse());
        string current = root;
        while (rest.TryPop(out string? segment))
        {
            string next = Path.Combine(current, segment);
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks) throw new IOException("The links lead in a circle.");
            string whole = Path.GetFullPath(Path.Combine(current, target));
            root = Path.GetPathRoot(whole) ?? "";
            current = root;
            foreach (string part in Split(whole[root.Length..]).Reverse()) rest.Push(part);
        }

        return current;
    }

    static string[] Split(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
