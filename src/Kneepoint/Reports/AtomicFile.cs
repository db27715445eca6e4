namespace Kneepoint.Reports;

/// <summary>Writes files that appear whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a file with new content.</summary>
    /// <remarks>The bytes go to a temporary file in the same folder, are forced to the device, and take the name by a rename. A reader sees
    /// the old content or the new, never a part; a process killed in between leaves at most a file that ends with ".tmp".</remarks>
    /// <param name="file">The path; its folder exists.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="IOException">The file cannot be written; the message says why: the disk is full, the folder is missing or may not be written.</exception>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        string temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            System.IO.File.Move(temporary, file, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(temporary);
            if (!WriteFailure.Is(exception)) throw;
            throw WriteFailure.Of(file, exception);
        }
    }

    static void Remove(string temporary)
    {
        try
        {
            System.IO.File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The failure to write is already on its way to the caller, and says more.
        }
    }
}
