using System.IO.Compression;
using System.Text;

namespace Kneepoint.Data;

/// <summary>Opens files; what the file system refuses becomes a <see cref="DataException"/> that names the file.</summary>
static class Files
{
    const int BufferBytes = 128 * 1024;

    // Deflate codes at most 258 bytes in two bits; a stream that claims more than this lies.
    const long MaxDeflateRatio = 1032;

    /// <summary>Opens a file for reading from its start.</summary>
    /// <exception cref="DataException">There is no such file, it is a folder, or it holds nothing that can be read twice.</exception>
    public static FileStream Open(string file) => Try(file, () =>
    {
        RequireBytes(file);
        return new FileStream(
            file, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, BufferSize = BufferBytes, Options = FileOptions.SequentialScan });
    });

    /// <summary>Opens an archive for reading.</summary>
    /// <exception cref="DataException">There is no such file, or it is no archive.</exception>
    public static ZipArchive OpenZip(string file) => Try(file, () =>
    {
        RequireBytes(file);
        return ZipFile.OpenRead(file);
    });

    /// <summary>Opens a file, through gzip if it starts with gzip's two magic bytes.</summary>
    public static Stream OpenMaybeGzip(string file, out bool isGzip)
    {
        var stream = Open(file);
        isGzip = IsGzip(stream);
        return isGzip ? new BufferedStream(new GZipStream(stream, CompressionMode.Decompress), BufferBytes) : stream;
    }

    /// <summary>Whether a stream starts with gzip's magic bytes; it is left at its start.</summary>
    public static bool IsGzip(Stream stream)
    {
        Span<byte> magic = stackalloc byte[2];
        int read = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    }

    /// <summary>The most bytes that a compressed stream of this length can hold.</summary>
    public static long MaxInflatedBytes(long compressedBytes) => compressedBytes > long.MaxValue / MaxDeflateRatio
        ? long.MaxValue
        : compressedBytes * MaxDeflateRatio;

    /// <summary>Reads a small file of UTF-8 text.</summary>
    public static string ReadText(string file, long maxBytes)
    {
        using var stream = Open(file);
        if (stream.Length > maxBytes)
        {
            throw new DataException($"'{file}' has {stream.Length} bytes: expected at most {maxBytes} for a file of this kind.");
        }

        try
        {
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return Try(file, reader.ReadToEnd);
        }
        catch (DecoderFallbackException exception)
        {
            throw new DataException($"'{file}' is not UTF-8 text: {exception.Message}", exception);
        }
    }

    /// <summary>Runs an operation on a file and translates what goes wrong outside of the program.</summary>
    public static T Try<T>(string file, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"'{file}' does not exist.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            throw new DataException($"'{file}' cannot be read: {exception.Message}", exception);
        }
    }

    // Data are read more than once, and opening a pipe waits for its writer.
    static void RequireBytes(string file)
    {
        if (Directory.Exists(file)) throw new DataException($"'{file}' is a folder: expected a file.");
        if (FileLength.Of(file) == 0) throw new DataException($"'{file}' is empty, a pipe or a device: expected a file with content.");
    }
}
