using System.Collections.Concurrent;
using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Compression;

/// <summary>A real network with a few calibration samples and one batch to compare outputs on; made once for all tests.</summary>
sealed class CaseNetwork
{
    const int CalibrationSamples = 24;
    const int MomentSamples = 100;
    const int BatchSamples = 8;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly ConcurrentDictionary<(string, string), Lazy<CaseNetwork>> Known = new();
    readonly IReadOnlyDictionary<string, Tensor> _inputs;
    readonly int _count;

    CaseNetwork(string description, string file)
    {
        File = file;
        Baseline = OnnxModel.Load(file);
        using var session = Runtime.Open(file, new SessionSettings());
        int batch = FixedBatch.Of(session) ?? BatchSamples;
        using var data = DatasetFile.Open(description, session.Inputs, session.Outputs, new SkiaImageDecoder(), 1);
        var sample = data.Read(DataPart.Evaluate, batch, batch).First();
        (_inputs, _count) = (sample.Inputs, sample.Count);
        Outputs = session.Run(_inputs);
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        MomentCollector.Collect(Runtime, Baseline, data.Read(DataPart.Calibrate, batch, Math.Max(batch, MomentSamples)),
            Compressor.LayersOf(Baseline).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>(), (form, known) => moments.Add(form.Key, known));
        Roundings = new DataRoundings(form => moments.GetValueOrDefault(form.Key));
        Statistics = ActivationCollector.Collect(Runtime, Baseline, data.Read(DataPart.Calibrate, batch, Math.Max(batch, CalibrationSamples)), Required());
    }

    /// <summary>The network's file.</summary>
    public string File { get; }

    /// <summary>The network.</summary>
    public OnnxModel Baseline { get; }

    /// <summary>What the network gives for the batch.</summary>
    public IReadOnlyDictionary<string, Tensor> Outputs { get; }

    ActivationStatistics Statistics { get; }

    DataRoundings Roundings { get; }

    /// <summary>Opens a case; skips the calling test where it is missing.</summary>
    /// <param name="description">A data description beside the tests of cases.</param>
    /// <param name="model">Folder and file of the network.</param>
    public static CaseNetwork Of(string description, string model)
    {
        string file = Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model));
        string data = Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{description}.yaml");
        return Known.GetOrAdd((data, file), key => new Lazy<CaseNetwork>(() => new CaseNetwork(key.Item1, key.Item2))).Value;
    }

    /// <summary>Applies a method to all layers that it can treat.</summary>
    public CompressedNetwork Apply(CompressionMethod method) => Compressor.Apply(Baseline, RecipeOf(method), Statistics, Roundings);

    /// <summary>Writes a variant, opens it in the plain runtime and compares its outputs with the network's.</summary>
    /// <returns>The comparison, and the bytes of the file.</returns>
    public (OutputComparison Comparison, long FileBytes) Run(CompressedNetwork variant)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("variant.onnx");
        variant.Model.Save(file);
        using var session = Runtime.Open(file, new SessionSettings());
        return (OutputComparison.Of(session.Run(_inputs), Outputs, _count), OnnxModel.FileBytes(file));
    }

    /// <summary>How the runtime executes a variant.</summary>
    public static FusionReport Inspect(CompressedNetwork variant)
    {
        string[] layers = [.. variant.Layers.Select(layer => layer.Value)];
        return FusionProbe.Inspect(Runtime, variant.Model, layers, [.. variant.Layers.Where(layer => layer.ActivationBits == 8).Select(layer => layer.Value)]);
    }

    static Recipe RecipeOf(CompressionMethod method) => new([method.ToStep(Step.WholeNetwork)]);

    HashSet<string> Required()
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in MethodCatalog.Grid.Where(method => method.NeedsActivations))
        {
            try
            {
                values.UnionWith(Compressor.RequiredActivations(Baseline, RecipeOf(method)));
            }
            catch (RecipeNotApplicableException)
            {
                // The tests ask why.
            }
        }

        return values;
    }
}
