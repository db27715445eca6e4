using System.Globalization;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Finds and reads the files beside a model that hold its larger tensors.</summary>
/// <remarks>A model is untrusted: its files are read only if they lie, links followed, inside the folder of the model itself, and only
/// as far as they are long.</remarks>
static class ExternalData
{
    /// <summary>A checked part of a file.</summary>
    /// <param name="Path">The real path, links followed.</param>
    /// <param name="Offset">The first byte.</param>
    /// <param name="Length">The number of bytes.</param>
    /// <param name="Place">The tensor it belongs to, for sentences.</param>
    public readonly record struct Part(string Path, long Offset, long Length, string Place);

    /// <summary>Resolves a tensor's reference and checks it.</summary>
    /// <param name="tensor">A tensor whose data is external.</param>
    /// <param name="folder">The model's folder; null if the model came from no file.</param>
    /// <param name="bytes">The bytes that type and shape take.</param>
    /// <exception cref="OnnxModelException">The reference is malformed, leads out of the folder, or the file is missing or too short.</exception>
    public static Part Locate(TensorProto tensor, string? folder, long bytes)
    {
        string place = TensorData.Place(tensor);
        string location = Entry(tensor, "location") ?? throw new OnnxModelException($"{place}: its external data names no file.");
        long offset = NumberEntry(tensor, "offset", place) ?? 0;
        long length = NumberEntry(tensor, "length", place) ?? bytes;
        if (length != bytes)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                $"{place}: {TensorData.TypeOf(tensor)} {TensorData.Shape(tensor)} takes {bytes} bytes, its external data states {length}."));
        }

        string path = Resolve(location, folder, place);
        var file = new FileInfo(path);
        if (!file.Exists) throw new OnnxModelException($"{place}: its external data file '{location}' is missing in '{folder}'.");
        if (offset > file.Length || bytes > file.Length - offset)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                $"{place}: expected {bytes} bytes at offset {offset} of '{location}', the file holds {file.Length}."));
        }

        return new Part(path, offset, bytes, place);
    }

    /// <summary>The real path of the file that a tensor names; the file need not exist.</summary>
    /// <exception cref="OnnxModelException">The reference is malformed or leads out of the folder.</exception>
    public static string FileOf(TensorProto tensor, string? folder)
    {
        string place = TensorData.Place(tensor);
        string location = Entry(tensor, "location") ?? throw new OnnxModelException($"{place}: its external data names no file.");
        return Resolve(location, folder, place);
    }

    /// <summary>Fills the destination with the part.</summary>
    /// <exception cref="OnnxModelException">The file cannot be read or became shorter.</exception>
    public static void Read(Part part, Span<byte> destination)
    {
        if (destination.Length == 0) return;
        try
        {
            using var stream = new FileStream(part.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            stream.Seek(part.Offset, SeekOrigin.Begin);
            stream.ReadExactly(destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"{part.Place}: its external data file '{part.Path}' cannot be read: {exception.Message}", exception);
        }
    }

    static string Resolve(string location, string? folder, string place)
    {
        if (folder is null) throw new OnnxModelException($"{place}: its data is in the file '{location}', but the model was not read from a folder.");
        string[] segments = location.Split('/', '\\');
        if (location.Contains('\0') || Path.IsPathRooted(location) || location.StartsWith('\\') || location.Contains(':') || segments.Contains(".."))
        {
            throw new OnnxModelException($"{place}: its external data file '{location.Replace('\0', '?')}' must be a path inside the model's folder.");
        }

        try
        {
            string home = RealPath.Of(Path.GetFullPath(folder));
            string path = RealPath.Of(Path.GetFullPath(Path.Combine(home, location)));
            string prefix = Path.EndsInDirectorySeparator(home) ? home : home + Path.DirectorySeparatorChar;
            return path.StartsWith(prefix, StringComparison.Ordinal)
                ? path
                : throw new OnnxModelException($"{place}: its external data file '{location}' leads out of the model's folder.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OnnxModelException($"{place}: its external data file '{location}' cannot be found: {exception.Message}", exception);
        }
    }

    static string? Entry(TensorProto tensor, string key)
    {
        foreach (var entry in tensor.ExternalData)
        {
            if (entry.Key == key) return entry.Value;
        }

        return null;
    }

    static long? NumberEntry(TensorProto tensor, string key, string place)
    {
        string? text = Entry(tensor, key);
        if (text is null) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new OnnxModelException($"{place}: expected a number of bytes as {key} of its external data, found '{text}'.");
    }
}
