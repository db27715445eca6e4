using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>The one environment of ONNX Runtime in this process: silent, without telemetry, with a pool of threads that sessions share.</summary>
/// <remarks>
/// One thread: a session has no pool and runs on the calling thread. More threads: sessions with as many threads as the pool share it, so that
/// an idle session's spinning workers never take a core from the session in turn. The pool is made once per process, by the first session;
/// sessions with another number of threads get a pool of their own whose workers sleep instead of spin, which costs some microseconds per
/// run. A process that measures with T threads should therefore make its runtime with T, or open a session with T first.
/// </remarks>
static class OrtEnvironment
{
    static readonly Lock Gate = new();

    // The native side keeps the pointer for the life of the process.
    static readonly DOrtLoggingFunction Silence = (_, _, _, _, _, _) => { };

    static OrtEnv? _environment;

    /// <summary>Threads of the shared pool; 1 if there is none. Decided by the first call of <see cref="Start"/>.</summary>
    public static int SharedThreads { get; private set; } = 1;

    /// <summary>Makes the environment unless there is one.</summary>
    /// <param name="threads">Threads of the shared pool, at least 1; ignored if the environment exists.</param>
    public static void Start(int threads)
    {
        lock (Gate)
        {
            if (_environment is not null) return;
            RuntimeTelemetry.Forbid();
            _environment = OrtEnv.IsCreated ? OrtEnv.Instance() : Create(threads);
            _environment.DisableTelemetryEvents();
        }
    }

    static OrtEnv Create(int threads)
    {
        // The native environment copies the options, so they need not outlive the call.
        using var pool = new OrtThreadingOptions { GlobalIntraOpNumThreads = threads, GlobalInterOpNumThreads = 1, GlobalSpinControl = true };
        var options = new EnvironmentCreationOptions
        {
            logId = "kneepoint",
            logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            threadOptions = pool,
            loggingFunction = Silence,
        };
        SharedThreads = threads;
        return OrtEnv.CreateInstanceWithOptions(ref options);
    }
}
