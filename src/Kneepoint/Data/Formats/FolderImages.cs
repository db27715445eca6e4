namespace Kneepoint.Data.Formats;

/// <summary>The image files below a folder.</summary>
sealed class FolderImages : IImageContainer
{
    readonly string _folder;

    /// <summary>Lists a folder and the folders below it; links to folders are not followed.</summary>
    /// <exception cref="DataException">The folder cannot be listed.</exception>
    public FolderImages(string folder)
    {
        _folder = folder;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, MaxRecursionDepth = 16 };
        string[] all = Files.Try(folder, () => Directory.EnumerateFiles(folder, "*", options)
            .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')).ToArray());
        UnsupportedCount = all.Count(ImagePaths.IsUnsupported);
        string[] paths = [.. all.Where(ImagePaths.IsImage)];
        Array.Sort(paths, StringComparer.Ordinal);
        Paths = paths;
    }

    /// <inheritdoc/>
    public string Name => _folder;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths { get; }

    /// <inheritdoc/>
    public int UnsupportedCount { get; }

    /// <inheritdoc/>
    public IImageReader Open() => new Reader(_folder);

    /// <inheritdoc/>
    public string? ReadText(string path, long maxBytes)
    {
        string file = Path.Combine(_folder, path);
        return File.Exists(file) ? Files.ReadText(file, maxBytes) : null;
    }

    sealed class Reader(string folder) : IImageReader
    {
        public void Read(string path, SampleBlock block, int field)
        {
            using var stream = Files.Open(Path.Combine(folder, path));
            if (stream.Length > ImagePaths.MaxFileBytes) throw new DataException($"'{path}' has {stream.Length} bytes: expected at most {ImagePaths.MaxFileBytes}.");
            var room = block.Append(field, (int)stream.Length);
            ForwardStream.ReadExactly(stream, room, path);
        }

        public void Dispose()
        {
        }
    }
}
