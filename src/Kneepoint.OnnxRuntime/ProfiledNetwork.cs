using System.Globalization;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>A network that is loaded twice: the runtime notes the time of each node of the one, and of the other nothing.</summary>
sealed class ProfiledNetwork : IDisposable
{
    const long MostBytes = 512L << 20;
    readonly string _file;
    readonly OnnxModel _marked;
    readonly TemporaryFolder _folder = TemporaryFolder.Create();
    OptimizedModel? _optimized;
    InferenceSession? _noting;
    OrtSession? _noted, _plain;
    OrtPreparedRun? _notedRun, _plainRun;

    ProfiledNetwork(string file, OnnxModel marked)
    {
        _file = file;
        _marked = marked;
    }

    /// <summary>Nodes of the graph that is executed.</summary>
    public int Nodes => _optimized!.Model.Graph.Node.Count;

    /// <summary>Loads and binds a network.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the model or fails on the inputs.</exception>
    public static ProfiledNetwork Open(OrtRuntime runtime, string file, int threads, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var network = new ProfiledNetwork(file, FusionReport.Mark(OnnxModel.Load(file)));
        try
        {
            network.Load(runtime, new SessionSettings { Threads = threads }, inputs);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Runs with notes.</summary>
    public void Run(int times)
    {
        for (int run = 0; run < times; run++) _notedRun!.Run();
    }

    /// <summary>Runs once without notes.</summary>
    public void RunWithoutNotes() => _plainRun!.Run();

    /// <summary>Times a run without notes.</summary>
    /// <returns>Microseconds.</returns>
    public double TimeWithoutNotes(IRunClock clock, bool hasOneThread)
    {
        const double nanosecondsPerMicrosecond = 1000;
        long before = hasOneThread ? clock.ThreadCpuNanoseconds : clock.WallNanoseconds;
        _plainRun!.Run();
        return ((hasOneThread ? clock.ThreadCpuNanoseconds : clock.WallNanoseconds) - before) / nanosecondsPerMicrosecond;
    }

    /// <summary>Ends the notes and reads them.</summary>
    /// <param name="runMicroseconds">A run without notes.</param>
    /// <param name="counts">Whether a run counts, by its number among the last ones.</param>
    /// <param name="lastRuns">How many these are.</param>
    public NodeProfile Profile(double runMicroseconds, Func<int, bool> counts, int lastRuns)
    {
        string notes = _noting!.EndProfiling();
        if (new FileInfo(notes) is { Length: > MostBytes } file)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture, $"The runtime's notes of the times of '{_file}' have {file.Length} bytes; at most {MostBytes} are read."));
        }

        var graph = _optimized!.Model.Graph;
        return NodeProfile.Of(_marked, graph, ProfiledRuns.Read(File.ReadLines(notes), [.. graph.Node.Select(node => node.Name)], counts, lastRuns), runMicroseconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plainRun?.Dispose();
        _plain?.Dispose();
        _notedRun?.Dispose();
        _noted?.Dispose();
        _noting?.Dispose();
        _optimized?.Dispose();
        _folder.Dispose();
    }

    void Load(OrtRuntime runtime, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs)
    {
        string name = $"'{_file}'";
        _optimized = OptimizedModel.Of(prepare => _noting = runtime.Create(name, settings, options =>
        {
            prepare(options);

            // The prefix is read when profiling is switched on.
            options.ProfileOutputPathPrefix = _folder.File("notes");
            options.EnableProfiling = true;
            return OrtRuntime.FromMemory(_marked, options);
        }));
        _noted = new OrtSession(_noting!, name, runtime.Name);
        _notedRun = _noted.Prepare(inputs);
        _plain = runtime.Open(_file, settings);
        _plainRun = _plain.Prepare(inputs);
    }
}
