using Kneepoint.Coding;

namespace Kneepoint.App;

/// <summary>Reads and writes files around packing; what is wrong with one is said with its name.</summary>
static class PackedFile
{
    /// <summary>Whether a file begins as packed models do. What is no file does not.</summary>
    public static bool Is(string file)
    {
        // A pipe has no length, and opening it would wait.
        if (!File.Exists(file) || FileBytes(file) == 0) return false;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[3];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("KNP"u8);
    }

    /// <summary>Opens a packed file, and tells where its bytes go.</summary>
    /// <exception cref="CommandLineException">It does not exist, is no packed model, or is damaged.</exception>
    public static PackedContents Describe(string file, IProgress<PackingProgress> progress, CancellationToken cancellation) =>
        Read(file, stream => PackedModel.Describe(stream, progress, cancellation));

    /// <summary>Opens a packed file on all cores.</summary>
    /// <exception cref="CommandLineException">It does not exist, is no packed model, or is damaged.</exception>
    public static byte[] Open(string file, IProgress<PackingProgress> progress, CancellationToken cancellation) =>
        Read(file, stream => PackedModel.Open(stream, Environment.ProcessorCount, progress, cancellation));

    static T Read<T>(string file, Func<Stream, T> read)
    {
        if (Directory.Exists(file)) throw new CommandLineException($"'{file}' is a folder; expected a packed model.");
        if (!File.Exists(file)) throw new CommandLineException($"'{file}' does not exist.");
        if (FileBytes(file) == 0) throw new CommandLineException($"'{file}' is empty: it is no packed model.");
        if (!Is(file)) throw new CommandLineException($"'{file}' is no packed model: it does not begin with 'KNP'. 'kneepoint pack' makes one of an ONNX file.");
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return read(stream);
        }
        catch (PackedModelException exception)
        {
            throw new CommandLineException($"'{file}': {exception.Message} Copy or download it again.");
        }
    }

    /// <summary>Refuses a name that nothing can be written to, before any work is done.</summary>
    /// <param name="output">Where the result shall go.</param>
    /// <param name="inputs">Files that it must not replace.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="CommandLineException">It is empty, a folder, in no folder, or an input.</exception>
    /// <exception cref="IOException">It is a pipe or a device.</exception>
    public static void CheckOutput(string output, IEnumerable<string> inputs, string option = "--output")
    {
        if (output.Trim().Length == 0) throw new CommandLineException($"{option}: expected the name of a file, found '{output}'.");
        if (Directory.Exists(output) || Path.EndsInDirectorySeparator(output)) throw new CommandLineException($"{option}: expected the name of a file, '{output}' is a folder.");
        if (Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder && !Directory.Exists(folder)) throw new CommandLineException($"{option}: the folder of '{output}' does not exist.");
        AtomicFile.RefuseSpecial(output);
        if (inputs.FirstOrDefault(input => AtomicFile.IsSame(input, output)) is { } same)
        {
            throw new CommandLineException($"{option}: '{output}' would replace the input '{same}'; give another name.");
        }
    }

    /// <summary>The bytes of a file; of a link those of what it leads to.</summary>
    public static long FileBytes(string file) =>
        new FileInfo(file) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : new FileInfo(file).Length;
}
