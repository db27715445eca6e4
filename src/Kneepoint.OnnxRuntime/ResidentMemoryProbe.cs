using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Measures the peak resident memory that a network costs, in fresh processes.</summary>
/// <remarks>
/// A child loads the model by its path, runs it a few times and reports the most that was resident. The same child with a trivial network gives what the
/// process itself costs; the figure is the difference. What loading takes for a moment is in it, as it is in a deployment. The children collect
/// garbage in the foreground and do not recompile code while they run; children of small networks run side by side, which changes no figure, since
/// each has its own peak. The C library allocates as it does by default, which makes the figure
/// vary by some tenths of a MiB for small networks and by about a tenth for those that load tens of MiB. Hence the median of repeats, and their range.
/// </remarks>
public sealed class ResidentMemoryProbe
{
    const int TrivialRepeats = 5;
    const int RunsInChild = 3;
    const int MostOutputCharacters = 64;

    // Larger networks are loaded one at a time: several at once could take more memory than there is.
    const long MostBytesSideBySide = 64_000_000;

    static readonly (string Name, string Value)[] ChildEnvironment =
    [
        ("DOTNET_gcConcurrent", "0"), ("DOTNET_gcServer", "0"), ("DOTNET_EnableDiagnostics", "0"),
        // Code is compiled once, fast, and never again: a count of calls that no method reaches (hexadecimal). Compiling for speed at once would double the time of a child.
        ("DOTNET_TieredPGO", "0"), ("DOTNET_TC_CallCountThreshold", "7FFF"),
    ];

    readonly string _program;
    readonly ImmutableArray<string> _arguments;
    readonly Lock _gate = new();
    readonly Dictionary<int, Children> _trivial = [];

    /// <summary>Makes a probe that starts children by a command line.</summary>
    /// <param name="program">The executable.</param>
    /// <param name="arguments">What comes before "MODEL INPUTS --threads T"; the program must then call <see cref="RunChild"/>.</param>
    public ResidentMemoryProbe(string program, IEnumerable<string> arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ArgumentNullException.ThrowIfNull(arguments);
        _program = program;
        _arguments = [.. arguments];
    }

    /// <summary>Children for each network, at least 1.</summary>
    public int Repeats
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Repeats must be at least 1.");
    } = 3;

    /// <summary>How long one child may take; it is ended then.</summary>
    public TimeSpan ChildLimit
    {
        get; init => field = value > TimeSpan.Zero ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The limit must be positive.");
    } = TimeSpan.FromMinutes(2);

    /// <summary>Measures a network.</summary>
    /// <remarks>Findings: "resident-peak-not-measured" with the reason; "resident-peak-within-noise" where the network costs no more than the trivial
    /// one varies, and the figure is then 0 or the difference.</remarks>
    /// <param name="modelFile">The model's path.</param>
    /// <param name="inputs">What to feed.</param>
    /// <param name="threads">Threads within one operator, at least 1.</param>
    /// <param name="cancellation">Ends the child in hand.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ResidentPeakResult Measure(
        string modelFile, IReadOnlyDictionary<string, Tensor> inputs, int threads, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFile);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!ResidentMemory.IsMeasured) return NotMeasured("This operating system does not tell a process its peak of resident memory.");
        var trivial = Trivial(threads, cancellation);
        if (trivial.Failure is { } trivialFailure) return NotMeasured(trivialFailure);
        var children = RunAll(modelFile, inputs, threads, Repeats, cancellation);
        if (children.Failure is { } failure) return NotMeasured(failure);

        long difference = children.MedianBytes - trivial.MedianBytes;
        long noise = trivial.PeakBytes[^1] - trivial.PeakBytes[0];
        ImmutableArray<Finding> findings = difference > noise
            ? []
            : [new Finding("resident-peak-within-noise", FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
                $"The network adds {difference} bytes of resident memory to a process that varies by {noise} bytes itself."))];
        return new ResidentPeakResult(Math.Max(difference, 0), children.PeakBytes[0] - trivial.MedianBytes,
            children.PeakBytes[^1] - trivial.MedianBytes, findings);
    }

    /// <summary>What the child does: loads, runs, and writes its peak of resident bytes as one number.</summary>
    /// <param name="modelFile">The model's path.</param>
    /// <param name="inputsFile">The inputs, as <see cref="Measure"/> wrote them.</param>
    /// <param name="threads">Threads within one operator, at least 1.</param>
    /// <param name="output">Where the number goes.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model or fails on the inputs.</exception>
    /// <exception cref="InvalidDataException">The inputs cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This system does not tell.</exception>
    public static void RunChild(string modelFile, string inputsFile, int threads, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var inputs = TensorFile.Read(inputsFile);
        using var session = new OrtRuntime(threads).Open(modelFile, new SessionSettings { Threads = threads });
        for (int i = 0; i < RunsInChild; i++) session.RunAndForget(inputs);
        long bytes = ResidentMemory.PeakBytes()
            ?? throw new PlatformNotSupportedException("This operating system does not tell a process its peak of resident memory.");
        output.WriteLine(bytes.ToString(CultureInfo.InvariantCulture));
    }

    Children Trivial(int threads, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_trivial.TryGetValue(threads, out var known)) return known;
            using var folder = TemporaryFolder.Create();
            string file = folder.File("trivial.onnx");
            TrivialNetwork().Save(file);
            var measured = RunAll(file, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1], [1f]) }, threads, TrivialRepeats, cancellation);
            if (measured.Failure is null) _trivial[threads] = measured;
            return measured;
        }
    }

    static OnnxModel TrivialNetwork()
    {
        const int FirstFormatWithOpset17 = 8;
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 1 } } };
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32, Shape = shape } };
        var graph = new GraphProto { Name = "trivial" };
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = type });
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "y" } });
        var proto = new ModelProto { IrVersion = FirstFormatWithOpset17, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return new OnnxModel(proto);
    }

    Children RunAll(string modelFile, IReadOnlyDictionary<string, Tensor> inputs, int threads, int repeats, CancellationToken cancellation)
    {
        using var folder = TemporaryFolder.Create();
        string inputsFile = folder.File("inputs.tensors");
        TensorFile.Write(inputsFile, inputs);
        var peaks = new (long Bytes, string? Failure)[repeats];
        var sideBySide = new ParallelOptions { MaxDegreeOfParallelism = IsSmall(modelFile) ? Math.Min(repeats, Environment.ProcessorCount) : 1 };
        Parallel.For(0, repeats, sideBySide, i =>
        {
            if (!cancellation.IsCancellationRequested) peaks[i] = RunOne(modelFile, inputsFile, threads, cancellation);
        });
        cancellation.ThrowIfCancellationRequested();
        if (peaks.FirstOrDefault(peak => peak.Failure is not null).Failure is { } failure) return new Children([], failure);
        return new Children([.. peaks.Select(peak => peak.Bytes).Order()], null);
    }

    static bool IsSmall(string modelFile)
    {
        try
        {
            return OnnxModel.FileBytes(modelFile) <= MostBytesSideBySide;
        }
        catch (OnnxModelException)
        {
            // The child will say what is wrong with it.
            return false;
        }
    }

    (long Bytes, string? Failure) RunOne(string modelFile, string inputsFile, int threads, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] own = [modelFile, inputsFile, "--threads", threads.ToString(CultureInfo.InvariantCulture)];
        foreach (string argument in _arguments.Concat(own)) start.ArgumentList.Add(argument);
        foreach (var (name, value) in ChildEnvironment) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            return Await(process, cancellation);
        }
        catch (Win32Exception exception)
        {
            return (0, $"The measuring process '{_program}' cannot be started: {exception.Message}.");
        }
    }

    (long Bytes, string? Failure) Await(Process process, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ChildLimit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
            string text = output.GetAwaiter().GetResult().Trim();
            if (process.ExitCode != 0)
            {
                return (0, string.Create(CultureInfo.InvariantCulture,
                    $"The measuring process ended with code {process.ExitCode}: {FirstLine(error.GetAwaiter().GetResult())}"));
            }

            return text.Length <= MostOutputCharacters && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
                ? (bytes, null)
                : (0, $"The measuring process was to write one number, and wrote '{FirstLine(text)}'.");
        }
        catch (OperationCanceledException)
        {
            End(process);
            return (0, string.Create(CultureInfo.InvariantCulture, $"The measuring process took longer than {ChildLimit.TotalSeconds} s and was ended."));
        }
    }

    static void End(Process process)
    {
        try
        {
            process.Kill();
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }
    }

    static string FirstLine(string text)
    {
        string line = text.Trim().Split('\n')[0].Trim();
        return line.Length > 300 ? line[..300] + "…" : line;
    }

    static ResidentPeakResult NotMeasured(string reason) =>
        new(null, 0, 0, [new Finding("resident-peak-not-measured", FindingSeverity.Warning, $"The resident peak was not measured. {reason}")]);

    sealed record Children(ImmutableArray<long> PeakBytes, string? Failure)
    {
        /// <summary>Of an even count the lower of the two in the middle.</summary>
        public long MedianBytes => PeakBytes[(PeakBytes.Length - 1) / 2];
    }
}
