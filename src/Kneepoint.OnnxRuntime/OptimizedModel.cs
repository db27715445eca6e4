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
    /// <exception cref="OnnxModelException">The runtime refuses the model.</exception>
    /// <exception cref="IOException">The temporary folder cannot be written.</exception>
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
        catch (OnnxModelException exception) when (IsAboutWriting(exception, folder))
        {
            // The world's failure and not the model's, which must not be refused for it.
            folder.Dispose();
            throw new IOException($"The runtime cannot write into the folder for temporary files '{Path.GetTempPath()}': is its disk full?", exception);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    // The runtime names the file of weights that it fails to write, but not that of the graph; what it leaves incomplete is named when it is read.
    static bool IsAboutWriting(OnnxModelException exception, TemporaryFolder folder) =>
        exception.Message.Contains(folder.Path, StringComparison.Ordinal)
        || exception.Message.Contains("serialization failed", StringComparison.OrdinalIgnoreCase);

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
