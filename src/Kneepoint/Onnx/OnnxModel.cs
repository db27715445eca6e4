using System.Globalization;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>An ONNX model in memory and the folder that its external data may be read from.</summary>
/// <remarks>Weights in files beside the model stay there until a tensor is read (<see cref="TensorData.Read"/>).</remarks>
public sealed class OnnxModel
{
    /// <summary>Wraps a parsed model.</summary>
    /// <param name="proto">The model; owned by the new object.</param>
    /// <param name="folder">Where external data lies; null if there is none.</param>
    public OnnxModel(ModelProto proto, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(proto);
        Proto = proto;
        Folder = folder;
    }

    /// <summary>The model as the format has it.</summary>
    public ModelProto Proto { get; }

    /// <summary>The folder that external data is read from, and never left; null if all data is inside.</summary>
    public string? Folder { get; }

    /// <summary>The main graph.</summary>
    public GraphProto Graph => Proto.Graph;

    /// <summary>Whether any tensor is kept in a file beside the model.</summary>
    public bool HasExternalData => ModelTensors.All(Proto).Any(TensorData.IsExternal);

    /// <summary>Copies the graph; the bytes of weights are shared, so a copy costs little.</summary>
    public OnnxModel Clone() => new(Proto.Clone(), Folder);

    /// <summary>Reads a model file, and finds the files beside it that hold its external data.</summary>
    /// <exception cref="OnnxModelException">The file is missing or is not an ONNX model; its external data is missing, too short, or lies outside its folder.</exception>
    public static OnnxModel Load(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            CheckFile(file);
            using var stream = File.OpenRead(file);
            if (IsPacked(stream)) throw new OnnxModelException($"'{file}' is a packed model, not an ONNX file: unpack it first.");
            WireScan.Check(stream, file);
            stream.Position = 0;
            var proto = ModelProto.Parser.ParseFrom(stream);
            if (proto.Graph is null) throw new OnnxModelException($"'{file}' holds no graph: it is not an ONNX model.");
            var model = new OnnxModel(proto, Path.GetDirectoryName(Path.GetFullPath(file)));
            model.CheckExternalData(file);
            return model;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxModelException($"'{file}' is not an ONNX model: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"'{file}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the model, whole or not at all.</summary>
    /// <remarks>
    /// The file is written under another name in the same folder and then renamed; what was there before stays until that moment.
    /// Weights go into the file itself if all fit, else, or on request, into NAME.data beside it, which is in place before the model is.
    /// A model that was read from one file and not changed is written byte for byte as it was.
    /// </remarks>
    /// <param name="file">The model file, replaced if it exists.</param>
    /// <param name="external">Whether to put weights beside the model even if they would fit in.</param>
    /// <exception cref="IOException">The files cannot be written: no space, no permission. Nothing was changed.</exception>
    /// <exception cref="OnnxModelException">External data of the model cannot be read, or the graph without its weights exceeds the format's 2 GB.</exception>
    public void Save(string file, bool external = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        ModelWriter.Write(this, Path.GetFullPath(file), external);
    }

    /// <summary>The model as one file has it: weights from files beside it are inside.</summary>
    /// <exception cref="OnnxModelException">External data cannot be read, or all together exceeds the format's 2 GB.</exception>
    public byte[] ToBytes() => ModelWriter.ToBytes(this);

    /// <summary>The bytes of a model file and of every file beside it that holds its external data.</summary>
    /// <exception cref="OnnxModelException">The file is not an ONNX model, or external data is missing.</exception>
    public static long FileBytes(string file) => FilesOf(file).Sum(FileLength.Of);

    /// <summary>The model's file, then those that hold its external data, in the order of their paths.</summary>
    /// <exception cref="OnnxModelException">The file is no model, or external data is missing or lies outside its folder.</exception>
    public static IReadOnlyList<string> FilesOf(string file)
    {
        var model = Load(file);
        return
        [
            file,
            .. ModelTensors.All(model.Proto).Where(TensorData.IsExternal)
                .Select(tensor => ExternalData.Locate(tensor, model.Folder, TensorData.StoredBytes(tensor)).Path)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    // No ONNX file begins so: the first byte would open a group, which the format does not have.
    static bool IsPacked(Stream stream)
    {
        Span<byte> start = stackalloc byte[3];
        bool isPacked = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("KNP"u8);
        stream.Position = 0;
        return isPacked;
    }

    void CheckExternalData(string file)
    {
        try
        {
            foreach (var tensor in ModelTensors.All(Proto).Where(TensorData.IsExternal)) ExternalData.Locate(tensor, Folder, TensorData.StoredBytes(tensor));
        }
        catch (OnnxModelException exception)
        {
            throw new OnnxModelException($"'{file}': {exception.Message}", exception);
        }
    }

    static void CheckFile(string file)
    {
        if (file.Length == 0) throw new OnnxModelException("'' does not exist: expected the name of an ONNX model file.");
        if (Directory.Exists(file)) throw new OnnxModelException($"'{file}' is a folder; expected an ONNX model file.");
        if (!File.Exists(file)) throw new OnnxModelException($"'{file}' does not exist.");
        long length = FileLength.Of(file);
        if (length == 0) throw new OnnxModelException($"'{file}' is empty: it is not an ONNX model.");
        if (length > int.MaxValue)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                $"'{file}' holds {length} bytes; the format allows 2 GB in one file, and weights beyond that in files beside it."));
        }
    }
}
