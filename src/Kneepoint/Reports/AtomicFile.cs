namespace Kneepoint.Reports;

/// <summary>Writes files that appear whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a file with new content.</summary>
    /// <remarks>The bytes go to a temporary file in the same folder, are forced to the device, and take the name by a rename. A reader sees
    /// the old content or the new, never a part; a process killed in between leaves at most a file that ends with ".tmp".</remarks>
    /// <param name="file">The path; its folder exists.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="IOException">The file cannot be written: the disk is full, or the folder is missing.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
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
        catch (ArgumentOutOfRangeException exception)
        {
            // What a stream makes of EFBIG.
            System.IO.File.Delete(temporary);
            throw new IOException($"'{file}' cannot be written: it would pass the limit on the size of files.", exception);
        }
        catch
        {
            System.IO.File.Delete(temporary);
            throw;
        }
    }
}
