using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>Runs networks on ONNX Runtime, on the processor, with its defaults.</summary>
/// <remarks>
/// Nothing is written to the console and nothing is sent anywhere. Threads: see <see cref="OrtRuntime(int)"/>. Outputs are bit-identical from run
/// to run at one thread count; another count may change the last bits of a few operators, so accuracy is to be compared at one count. External data
/// is read from the model's own folder and nowhere else; the runtime itself refuses paths and links that leave it.
/// </remarks>
public sealed class OrtRuntime : INetworkRuntime
{
    const string ExternalFolderKey = "session.model_external_initializers_file_folder_path";
    const string FormatKey = "session.load_model_format";
    const string SpinningKey = "session.intra_op.allow_spinning";
    const long MostInlineBytes = 1_900_000_000;
    readonly int _sharedThreads;

    /// <summary>Makes a runtime. The pool of threads that sessions share is made with the first session of the process.</summary>
    /// <param name="sharedThreads">
    /// Threads of the shared pool, if this process makes it now; 0 lets the first session decide. Sessions with exactly so many threads share the
    /// pool and can be measured in turn without disturbing each other; others get their own pool, whose workers sleep while they wait.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sharedThreads"/> is negative.</exception>
    public OrtRuntime(int sharedThreads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sharedThreads);
        _sharedThreads = sharedThreads;
    }

    /// <inheritdoc/>
    public string Name { get; } = $"ONNX Runtime {OrtLibrary.Version}";

    /// <inheritdoc/>
    INetworkSession INetworkRuntime.Open(string modelFile, SessionSettings settings) => Open(modelFile, settings);

    /// <inheritdoc/>
    INetworkSession INetworkRuntime.Open(OnnxModel model, SessionSettings settings) => Open(model, settings);

    /// <inheritdoc cref="INetworkRuntime.Open(string, SessionSettings)"/>
    public OrtSession Open(string modelFile, SessionSettings settings)
    {
        RequireFile(modelFile);
        return Open($"'{modelFile}'", settings, options => new InferenceSession(modelFile, options));
    }

    /// <inheritdoc cref="INetworkRuntime.Open(OnnxModel, SessionSettings)"/>
    public OrtSession Open(OnnxModel model, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Open("The model", settings, options => FromMemory(model, options));
    }

    /// <inheritdoc/>
    public OnnxModel Optimize(string modelFile, SessionSettings settings)
    {
        using var optimized = OptimizeInFolder(modelFile, settings);
        return optimized.ToMemory();
    }

    /// <inheritdoc/>
    public OnnxModel Optimize(OnnxModel model, SessionSettings settings)
    {
        using var optimized = OptimizeInFolder(model, settings);
        return optimized.ToMemory();
    }

    /// <summary>As <see cref="Optimize(string, SessionSettings)"/>, with the weights left in a temporary folder.</summary>
    internal OptimizedModel OptimizeInFolder(string modelFile, SessionSettings settings)
    {
        RequireFile(modelFile);
        return Optimize($"'{modelFile}'", settings, options => new InferenceSession(modelFile, options));
    }

    /// <summary>As <see cref="Optimize(OnnxModel, SessionSettings)"/>, with the weights left in a temporary folder.</summary>
    internal OptimizedModel OptimizeInFolder(OnnxModel model, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Optimize("The model", settings, options => FromMemory(model, options));
    }

    OptimizedModel Optimize(string model, SessionSettings settings, Func<SessionOptions, InferenceSession> create) =>
        OptimizedModel.Of(prepare =>
        {
            using var session = Open(model, settings, options =>
            {
                prepare(options);
                return create(options);
            });
        });

    /// <summary>Makes a session of the runtime with the settings' options, and names what it refuses.</summary>
    /// <param name="model">What to call the model in messages.</param>
    /// <param name="settings">Threads and optimization.</param>
    /// <param name="create">Makes the session; may change the options first.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model.</exception>
    internal InferenceSession Create(string model, SessionSettings settings, Func<SessionOptions, InferenceSession> create)
    {
        ArgumentNullException.ThrowIfNull(settings);
        OrtEnvironment.Start(_sharedThreads > 0 ? _sharedThreads : settings.Threads);
        try
        {
            using var options = OptionsOf(settings);
            return create(options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new OnnxModelException($"{model} is refused: {RuntimeSentence.Of(exception.Message, Name)}", exception);
        }
    }

    /// <summary>Makes a session of a model in memory; one that is too large for a single message goes through a temporary folder.</summary>
    internal static InferenceSession FromMemory(OnnxModel model, SessionOptions options)
    {
        if (FitsOneMessage(model.Proto))
        {
            if (model.Folder is not null) options.AddSessionConfigEntry(ExternalFolderKey, model.Folder);
            return new InferenceSession(model.Proto.ToByteArray(), options);
        }

        using var folder = TemporaryFolder.Create();
        string file = folder.File("model.onnx");
        model.Save(file);
        return new InferenceSession(file, options);
    }

    // Protocol buffers count bytes in 31 bits, and their count of a larger message wraps around.
    static bool FitsOneMessage(ModelProto model) =>
        model.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length) <= MostInlineBytes && model.CalculateSize() >= 0;

    OrtSession Open(string model, SessionSettings settings, Func<SessionOptions, InferenceSession> create) =>
        new(Create(model, settings, create), model, Name);

    static SessionOptions OptionsOf(SessionSettings settings)
    {
        var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = settings.Optimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        // A name that ends in .ort would be taken for the runtime's own format, which nothing here has checked.
        options.AddSessionConfigEntry(FormatKey, "ONNX");
        if (settings.Threads > 1 && settings.Threads == OrtEnvironment.SharedThreads)
        {
            options.DisablePerSessionThreads();
            return options;
        }

        options.IntraOpNumThreads = settings.Threads;
        options.InterOpNumThreads = 1;
        if (settings.Threads > 1) options.AddSessionConfigEntry(SpinningKey, "0");
        return options;
    }

    static void RequireFile(string modelFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFile);
        if (!File.Exists(modelFile)) throw new OnnxModelException($"'{modelFile}' does not exist.");
    }
}
