namespace Kneepoint;

/// <summary>Says in one sentence why a file cannot be written.</summary>
static class WriteFailure
{
    // Of Linux and macOS, and of Windows, where the code lies in the lower half.
    const int NoSpace = 28, NoSpaceOnWindows = 112, HandleDiskFull = 39;
    const int QuotaOnLinux = 122, QuotaOnMac = 69;
    const int ReadOnlyFileSystem = 30, WriteProtectedOnWindows = 19;

    /// <summary>Whether the exception is one that writing a file throws, for a filter.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The exception for the caller; its message names the file by the name that the user knows, not that of a temporary one.</summary>
    /// <param name="file">The file that was to be written.</param>
    /// <param name="exception">What the file system said.</param>
    public static IOException Of(string file, Exception exception) => new($"'{file}' cannot be written: {Reason(file, exception)}", exception);

    static string Reason(string file, Exception exception)
    {
        int code = exception.HResult & 0xFFFF;
        return exception switch
        {
            // What a stream makes of EFBIG.
            ArgumentOutOfRangeException => "it would pass the limit on the size of files.",
            _ when Directory.Exists(file) => "it is a folder, expected the name of a file.",
            DirectoryNotFoundException => "its folder does not exist.",
            UnauthorizedAccessException => "this user may not write there.",
            _ when (OperatingSystem.IsWindows() ? code is NoSpaceOnWindows or HandleDiskFull : code == NoSpace) => "the disk is full.",
            _ when code == (OperatingSystem.IsMacOS() ? QuotaOnMac : QuotaOnLinux) => "the disk quota is used up.",
            _ when code == (OperatingSystem.IsWindows() ? WriteProtectedOnWindows : ReadOnlyFileSystem) => "the file system is read-only.",
            _ => exception.Message,
        };
    }
}
