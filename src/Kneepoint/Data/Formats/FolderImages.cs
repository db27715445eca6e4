using System.IO.Enumeration;

namespace Kneepoint.Data.Formats;

/// <summary>The image files below a folder.</summary>
sealed class FolderImages : IImageContainer
{
    readonly string _folder;

    /// <summary>Lists a folder and the folders below it; links to files are followed, links to folders are counted.</summary>
    /// <exception cref="DataException">The folder cannot be listed.</exception>
    public FolderImages(string folder)
    {
        _folder = folder;
        int links = 0;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, MaxRecursionDepth = 16 };
        string[] all = Files.Try(folder, () => new FileSystemEnumerable<string>(folder, (ref entry) => entry.ToSpecifiedFullPath(), options)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref entry) =>
            {
                bool isLink = (entry.Attributes & FileAttributes.ReparsePoint) != 0;
                if (isLink) links++;
                return !isLink;
            },
        }.Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')).ToArray());
        LinkedFolderCount = links;
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
    public int LinkedFolderCount { get; }

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
            string file = Path.Combine(folder, path);
            long length = Files.Try(file, () => FileLength.Of(file));
            if (length > ImagePaths.MaxFileBytes) throw new DataException($"'{path}' has {length} bytes: expected at most {ImagePaths.MaxFileBytes}.");
            var room = block.Append(field, (int)length);
            // An empty file, or a pipe, is no image; it is skipped and counted like any other that cannot be decoded.
            if (length == 0) return;
            using var stream = Files.Open(file);
            ForwardStream.ReadExactly(stream, room, path);
        }

        public void Dispose()
        {
        }
    }
}
