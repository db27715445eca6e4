using System.IO.Compression;

namespace Kneepoint.Data.Formats;

/// <summary>The image files of a ZIP archive, read from it one at a time; nothing is extracted.</summary>
sealed class ZipImages : IImageContainer
{
    readonly string _archive;

    /// <summary>Reads the archive's directory.</summary>
    /// <exception cref="DataException">The file is no archive, or names an image twice.</exception>
    public ZipImages(string archive)
    {
        _archive = archive;
        string[] all = Files.Try(archive, () =>
        {
            using var zip = Files.OpenZip(archive);
            return zip.Entries.Select(entry => entry.FullName).ToArray();
        });
        UnsupportedCount = all.Count(ImagePaths.IsUnsupported);
        string[] paths = [.. all.Where(ImagePaths.IsImage)];
        Array.Sort(paths, StringComparer.Ordinal);
        for (int i = 1; i < paths.Length; i++)
        {
            if (paths[i] == paths[i - 1]) throw new DataException($"'{archive}' holds '{paths[i]}' twice.");
        }

        Paths = paths;
    }

    /// <inheritdoc/>
    public string Name => _archive;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths { get; }

    /// <inheritdoc/>
    public int UnsupportedCount { get; }

    /// <inheritdoc/>
    public int LinkedFolderCount => 0;

    /// <inheritdoc/>
    public IImageReader Open() => new Reader(_archive);

    /// <inheritdoc/>
    public string? ReadText(string path, long maxBytes) => Files.Try(_archive, () =>
    {
        using var zip = Files.OpenZip(_archive);
        if (zip.GetEntry(path) is not { } entry) return null;
        if (entry.Length > maxBytes) throw new DataException($"'{path}' in '{_archive}' has {entry.Length} bytes: expected at most {maxBytes}.");
        byte[] bytes = new byte[entry.Length];
        using var stream = entry.Open();
        ForwardStream.ReadExactly(stream, bytes, path);
        return System.Text.Encoding.UTF8.GetString(bytes);
    });

    sealed class Reader(string archive) : IImageReader
    {
        readonly ZipArchive _zip = Files.OpenZip(archive);

        public void Read(string path, SampleBlock block, int field)
        {
            var entry = _zip.GetEntry(path) ?? throw new DataException($"'{archive}' has changed: '{path}' is gone.");
            if (entry.Length > ImagePaths.MaxFileBytes || entry.Length > Files.MaxInflatedBytes(entry.CompressedLength))
            {
                throw new DataException(
                    $"'{path}' in '{archive}' announces {entry.Length} bytes from {entry.CompressedLength}: more than an image file may have.");
            }

            var room = block.Append(field, (int)entry.Length);
            try
            {
                using var stream = entry.Open();
                stream.ReadExactly(room);
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
            {
                // One damaged entry is one damaged image: it is skipped and counted like any other.
                room.Clear();
            }
        }

        public void Dispose() => _zip.Dispose();
    }
}
