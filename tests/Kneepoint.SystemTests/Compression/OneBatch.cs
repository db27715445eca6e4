using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Compression;

/// <summary>Runs the samples as one batch through any network.</summary>
sealed class OneBatch(OnnxModel model, Dictionary<string, Tensor> inputs, int samples) : ICalibrator, ICalibrationFacts
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    readonly Dictionary<string, SplitMoments?> _moments = new(StringComparer.Ordinal);

    public ICalibrationFacts Baseline => this;

    public DataRoundings? Roundings => new(Moments);

    SampleBatch[] Batches => [new SampleBatch(inputs, null, samples)];

    public ICalibrationFacts Of(OnnxModel network, string key) => new OneBatch(network, inputs, samples);

    public void Collect(OnnxModel network, IReadOnlyList<InputForm> forms, int rowsPerColumn, Action<InputForm, SplitMoments> onCollected) =>
        MomentCollector.Collect(Runtime, network, Batches, forms, onCollected, new MomentSettings
        {
            Threads = 2,
            RunBytes = 1 << 16,
            Optimization = GraphOptimization.All,
            MostRows = columns => Math.Clamp(rowsPerColumn * columns / samples, 32, 512),
        });

    public void Report(string what, long done, long total)
    {
    }

    public ActivationStatistics? Activations(IReadOnlyCollection<string> values) => ActivationCollector.Collect(Runtime, model, Batches, values);

    public SplitMoments? Moments(InputForm form)
    {
        if (_moments.TryGetValue(form.Key, out var known)) return known;
        MomentCollector.Collect(Runtime, model, Batches, [form], (_, moments) => known = moments);
        _moments.Add(form.Key, known);
        return known;
    }

    public double? Curvature(string what, Func<(OnnxModel Network, double Error)> change)
    {
        var (network, error) = change();
        var divergence = new OutputDivergence(DivergenceKind.Classes);
        divergence.Add(Run(model), Run(network), samples);
        return divergence.Result().Loss / error;
    }

    IReadOnlyDictionary<string, Tensor> Run(OnnxModel network)
    {
        using var session = Runtime.Open(network, new SessionSettings());
        return session.Run(inputs);
    }
}
