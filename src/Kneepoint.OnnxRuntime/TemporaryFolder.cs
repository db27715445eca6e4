using System.Diagnostics;
using System.Globalization;

namespace Kneepoint.OnnxRuntime;

/// <summary>A private folder for files that the runtime insists on; gone when disposed, when the process ends, or when the next one begins.</summary>
/// <remarks>All folders of a process lie in one that is named after its id and start time. A process that was killed leaves its folder behind; the next
/// one that needs a folder removes those whose process is gone.</remarks>
public sealed class TemporaryFolder : IDisposable
{
    const string Prefix = "kneepoint-";
    static readonly Lock Gate = new();
    static string? _root;
    static int _count;

    TemporaryFolder(string path) => Path = path;

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes a new, empty folder that only this user may read.</summary>
    public static TemporaryFolder Create()
    {
        string root = Root();
        string path = System.IO.Path.Combine(root, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(path);
        return new TemporaryFolder(path);
    }

    /// <summary>The path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Remove(Path);

    static string Root()
    {
        lock (Gate)
        {
            if (_root is not null) return _root;
            string parent = System.IO.Path.GetTempPath();
            try
            {
                RemoveOrphans(parent);
                _root = Directory.CreateTempSubdirectory(PrefixOf(Environment.ProcessId)).FullName;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"The folder for temporary files '{parent}' cannot be used: {exception.Message}", exception);
            }

            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(_root);
            return _root;
        }
    }

    static string PrefixOf(int processId) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{processId}-");

    /// <summary>Removes the folders whose process is gone.</summary>
    internal static void RemoveOrphans(string parent)
    {
        foreach (string folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            string[] parts = System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-');
            bool isOurs = parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id) && !IsAlive(id);
            if (isOurs) Remove(folder);
        }
    }

    static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is there but not ours to look at.
            return true;
        }
    }

    // Best effort: another user's folder, or a file that Windows still holds, is left to the next process.
    static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
