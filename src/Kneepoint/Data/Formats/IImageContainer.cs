namespace Kneepoint.Data.Formats;

/// <summary>A folder or archive of image files.</summary>
interface IImageContainer
{
    /// <summary>The folder or archive, for messages.</summary>
    string Name { get; }

    /// <summary>Paths inside, with '/', sorted by their code units; only images.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Image files of kinds that are not read, left out of <see cref="Paths"/>.</summary>
    int UnsupportedCount { get; }

    /// <summary>Folders that are links and were not followed.</summary>
    int LinkedFolderCount { get; }

    /// <summary>Opens a reader of its own.</summary>
    IImageReader Open();

    /// <summary>The text of a small file inside; null if there is none.</summary>
    string? ReadText(string path, long maxBytes);
}

/// <summary>Reads image files whole.</summary>
interface IImageReader : IDisposable
{
    /// <summary>Appends a file to a field of a block. A file that cannot be read is appended as zeros, which decode as no image.</summary>
    void Read(string path, SampleBlock block, int field);
}

/// <summary>What is an image by its name.</summary>
static class ImagePaths
{
    /// <summary>Larger files are refused.</summary>
    public const long MaxFileBytes = 256L * 1024 * 1024;

    /// <summary>Whether the file is read as an image.</summary>
    public static bool IsImage(string path) => HasExtension(path, ".jpg", ".jpeg", ".png") && !IsHidden(path);

    /// <summary>Whether the file is an image of a kind that is not read.</summary>
    public static bool IsUnsupported(string path)
        => HasExtension(path, ".bmp", ".gif", ".webp", ".tif", ".tiff", ".heic", ".avif", ".ppm", ".jp2") && !IsHidden(path);

    static bool IsHidden(string path)
        => path.StartsWith("__MACOSX/", StringComparison.Ordinal) || path[(path.LastIndexOf('/') + 1)..].StartsWith('.');

    static bool HasExtension(string path, params ReadOnlySpan<string> extensions)
    {
        foreach (string extension in extensions)
        {
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
