using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>A graph as the runtime rewrote it, with its weights in a file of a temporary folder, so that models of any size go through.</summary>
sealed class OptimizedModel : IDisposable
{
    const string DataFileKey = "session.optimized_model_external_initializers_file_name";
    const string LeastBytesKey = "session.optimized_model_external_initializers_min_size_in_bytes";
    const string DataFile = "optimized.data";
    readonly TemporaryFolder _folder;

    OptimizedModel(TemporaryFolder folder, OnnxModel model)
    {
        _folder = folder;
        Model = model;
    }

    /// <summary>The graph; weights are read from the folder as long as this is not disposed.</summary>
    public OnnxModel Model { get; }

    /// <summary>Lets the runtime rewrite a model.</summary>
    /// <param name="create">Makes a session of the model with the options that it is given.</param>
    public static OptimizedModel Of(Action<Action<SessionOptions>> create)
    {
        var folder = TemporaryFolder.Create();
        try
        {
            string file = folder.File("optimized.onnx");
            create(options =>
            {
                options.OptimizedModelFilePath = file;
                options.AddSessionConfigEntry(DataFileKey, DataFile);
                options.AddSessionConfigEntry(LeastBytesKey, "1024");
            });
            return new OptimizedModel(folder, OnnxModel.Load(file));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The graph with its weights in memory.</summary>
    public OnnxModel ToMemory()
    {
        MoveIn(Model.Graph);
        return new OnnxModel(Model.Proto);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    void MoveIn(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer)
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External) continue;
            var bytes = TensorData.Read(tensor, Model).Bytes;
            tensor.ClearDataLocation();
            tensor.ExternalData.Clear();
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        }

        foreach (var subgraph in graph.Node.SelectMany(node => node.Subgraphs())) MoveIn(subgraph);
    }
}
