using Google.Protobuf;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>An ONNX model in memory and the folder that its external data may be read from.</summary>
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

    /// <summary>Copies the graph; the bytes of weights are shared, so a copy costs little.</summary>
    public OnnxModel Clone() => new(Proto.Clone(), Folder);

    /// <summary>Reads a model file.</summary>
    /// <exception cref="OnnxModelException">The file is not an ONNX model.</exception>
    public static OnnxModel Load(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var proto = ModelProto.Parser.ParseFrom(stream);
            if (proto.Graph is null) throw new OnnxModelException($"'{file}' holds no graph: it is not an ONNX model.");
            return new OnnxModel(proto, Path.GetDirectoryName(Path.GetFullPath(file)));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxModelException($"'{file}' is not an ONNX model: {exception.Message}", exception);
        }
    }
}
