using System.Formats.Tar;

namespace Kneepoint;

/// <summary>Tells pipes and devices from files, without opening them.</summary>
static class SpecialFile
{
    /// <summary>Whether something of this name is there that is neither a file nor a folder nor a link.</summary>
    /// <remarks>A file that is written beside and renamed would take the place of a device. Of all that tells kinds of files apart without opening them, archives
    /// are what every system has.</remarks>
    public static bool Is(string file)
    {
        if (!File.Exists(file) || new FileInfo(file) is not { Length: 0, LinkTarget: null }) return false;
        using var header = new MemoryStream();
        try
        {
            using (var writer = new TarWriter(header, TarEntryFormat.Pax, leaveOpen: true)) writer.WriteEntry(file, "file");
            header.Position = 0;
            using var reader = new TarReader(header);
            return reader.GetNextEntry()?.EntryType != TarEntryType.RegularFile;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A socket, which archives cannot hold, or a file that may not be read.
            return exception is IOException;
        }
    }
}
