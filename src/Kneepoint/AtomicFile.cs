namespace Kneepoint;

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
        RefuseSpecial(file);
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

    /// <summary>Refuses the name of a pipe or a device, which a file would take the place of.</summary>
    /// <exception cref="IOException">It is one.</exception>
    public static void RefuseSpecial(string file)
    {
        if (SpecialFile.Is(file)) throw new IOException($"'{file}' cannot be written: it is a pipe or a device, expected the name of a file.");
    }

    /// <summary>Whether two paths lead to the same place, links followed, so that writing one would replace the other.</summary>
    /// <exception cref="IOException">The links of one lead in a circle.</exception>
    public static bool IsSame(string file, string other)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentException.ThrowIfNullOrEmpty(other);
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return string.Equals(RealPath.Of(Path.GetFullPath(file)), RealPath.Of(Path.GetFullPath(other)), comparison);
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
