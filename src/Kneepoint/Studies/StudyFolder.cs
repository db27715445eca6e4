using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Kneepoint.Studies;

/// <summary>The files of a study, and the right to write them.</summary>
/// <remarks>A user may put a study into a folder that holds other things: what does not bear a name that only a study gives is never removed.</remarks>
public sealed partial class StudyFolder : IDisposable
{
    readonly FileStream _lock;
    readonly ConcurrentDictionary<string, byte> _held = new(StringComparer.Ordinal);

    StudyFolder(string folder, FileStream held) => (Root, _lock) = (folder, held);

    /// <summary>The study's folder.</summary>
    public string Root { get; }

    /// <summary>Every trial, in SQLite.</summary>
    public string Database => DatabaseOf(Root);

    /// <summary>Where the networks of variants lie.</summary>
    public string Variants => Path.Combine(Root, "variants");

    /// <summary>The database of a study folder.</summary>
    public static string DatabaseOf(string folder) => Path.Combine(folder, "study.db");

    /// <summary>The network of a variant.</summary>
    public string VariantFile(string id) => Path.Combine(Variants, $"{id}.onnx");

    /// <summary>The packed file of a variant.</summary>
    public string PackedFile(string id) => Path.Combine(Variants, $"{id}.knp");

    /// <summary>The bytes of a variant's network with what lies beside it; 0 if it is not there.</summary>
    public long VariantBytes(string id)
    {
        string file = VariantFile(id);
        return new[] { file, $"{file}.data" }.Where(File.Exists).Sum(FileLength.Of);
    }

    /// <summary>Makes the folder if needed and takes the right to write it until disposal; the end of the process gives it back too.</summary>
    /// <exception cref="StudyStoreException">Another process writes the folder, or it cannot be made.</exception>
    public static StudyFolder Open(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder)) throw new StudyStoreException("The study's folder has an empty name: expected the path of a folder.");
        string path = Path.GetFullPath(folder);
        if (File.Exists(path)) throw new StudyStoreException($"'{folder}' is a file; a study needs a folder.");
        string lockFile = Path.Combine(path, "study.lock");
        FileStream held;
        try
        {
            Directory.CreateDirectory(Path.Combine(path, "variants"));
            held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException) && IsHeld(exception))
        {
            throw new StudyStoreException($"The study '{folder}' is being written by another process: wait for it, or use another folder.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StudyStoreException($"The study folder '{folder}' cannot be written: {exception.Message}", exception);
        }

        try
        {
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return new StudyFolder(path, held);
        }
        catch (Exception exception) when (WriteFailure.Is(exception))
        {
            held.Dispose();
            throw new StudyStoreException(WriteFailure.Of(lockFile, exception).Message, exception);
        }
    }

    // EWOULDBLOCK of Linux and of macOS, and the sharing violation of Windows.
    static bool IsHeld(IOException exception) =>
        (exception.HResult & 0xFFFF) == (OperatingSystem.IsWindows() ? 32 : OperatingSystem.IsMacOS() ? 35 : 11);

    /// <summary>Removes what an interrupted run left half-written.</summary>
    public void RemoveLeftovers()
    {
        foreach (string file in Directory.EnumerateFiles(Variants).Where(file => HalfWrittenNetwork().IsMatch(Path.GetFileName(file)))) File.Delete(file);
        foreach (string file in Directory.EnumerateFiles(Root).Where(file => HalfWrittenReport().IsMatch(Path.GetFileName(file)))) File.Delete(file);
    }

    /// <summary>Removes the network of a variant that is not worth keeping; nothing happens if it is not there.</summary>
    public void DeleteVariant(string id)
    {
        string file = VariantFile(id);
        File.Delete(file);
        File.Delete($"{file}.data");
        File.Delete(PackedFile(id));
    }

    /// <summary>Marks a variant as in the making: <see cref="KeepOnly"/> leaves it alone until it is released.</summary>
    public void Hold(string id) => _held.TryAdd(id, 0);

    /// <summary>Ends what <see cref="Hold"/> began.</summary>
    public void Release(string id) => _held.TryRemove(id, out _);

    /// <summary>Removes the networks of all variants but these and those in the making; networks that are no variants stay.</summary>
    public void KeepOnly(IReadOnlySet<string> ids)
    {
        foreach (string file in Directory.EnumerateFiles(Variants).Where(file => Path.GetExtension(file) is ".onnx" or ".knp"))
        {
            string id = Path.GetFileNameWithoutExtension(file);
            if (VariantId().IsMatch(id) && !ids.Contains(id) && !_held.ContainsKey(id)) DeleteVariant(id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    // The id of a recipe.
    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex VariantId();

    // What writing a variant leaves if it is killed: ".ID.onnx.abcdefgh.ijk.tmp", also with ".data"; and "ID.knp.", a unique number, ".tmp" of its packed file.
    [GeneratedRegex(@"^\.[0-9a-f]{16}\.onnx(\.data)?\.[a-z0-9]{8}\.[a-z0-9]{3}\.tmp$|^[0-9a-f]{16}\.knp\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex HalfWrittenNetwork();

    // What writing a report leaves if it is killed: its name, a unique number, ".tmp".
    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex HalfWrittenReport();
}
