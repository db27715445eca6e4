using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>What a packed network is to reach: one of the limits.</summary>
/// <param name="MostDrop">Loss of the metric at most; null if bytes are bounded.</param>
/// <param name="MostBytes">Bytes of the packed file at most.</param>
/// <param name="MostBitsPerWeight">Bits of the packed file for a weight at most.</param>
sealed record PackGoal(double? MostDrop, long? MostBytes, double? MostBitsPerWeight);

/// <summary>What packing with loss has cost.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Samples">Evaluation samples.</param>
/// <param name="Accuracy">Of the packed network, with its interval.</param>
/// <param name="Change">Against the original, paired.</param>
/// <param name="Recipe">What was done.</param>
/// <param name="Tried">Every network that was made on the way.</param>
sealed record PackLoss(IMetric Metric, long Samples, Interval Accuracy, Interval Change, Recipe Recipe, IReadOnlyList<PricedNetwork> Tried);

/// <summary>Finds the packed network that meets a goal.</summary>
sealed class LossyPacking : IDisposable
{
    readonly Subject _subject;
    readonly ICalibrator _calibrator;
    readonly ExplorationSettings _settings;
    readonly TerminalProgress _progress;
    readonly CancellationToken _cancellation;
    readonly PackingSettings _packing;
    readonly SampleScores _baseline;
    readonly OrtSession _session;
    readonly Dictionary<(double Price, bool IsFitted), (byte[] Model, Recipe Recipe, Interval Accuracy, Interval Change)> _made = [];

    LossyPacking(string file, string dataPath, int seed, PackingSettings packing, TerminalProgress progress, CancellationToken cancellation)
    {
        (_packing, _progress, _cancellation) = (packing, progress, cancellation);
        _settings = new ExplorationSettings { EvaluationThreads = Environment.ProcessorCount, Seed = seed };
        var runtime = new OrtRuntime(_settings.Threads);
        progress.Report("reading data", 0, 0);
        _subject = SubjectFile.Open(file, dataPath, runtime, _settings, cancellation);
        _session = runtime.Open(file, new SessionSettings());
        _calibrator = new StudyCalibration(_subject, _settings).With(at => progress.Report(at.Stage, at.Done, at.Total, at.Detail), cancellation);
        _baseline = Evaluate(_session);
    }

    /// <summary>Makes the network.</summary>
    /// <param name="file">The model.</param>
    /// <param name="dataPath">The data.</param>
    /// <param name="goal">What it is to reach.</param>
    /// <param name="seed">Of every random choice.</param>
    /// <param name="settings">How networks are packed; their bytes count as they are written.</param>
    /// <param name="progress">Shows where the work stands.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The model's bytes, and what it lost; no model where the goal is out of reach.</returns>
    public static (byte[]? Model, PackLoss? Loss, IReadOnlyList<PricedNetwork> Tried) Make(string file, string dataPath, PackGoal goal, int seed, PackingSettings settings, TerminalProgress progress, CancellationToken cancellation)
    {
        using var packing = new LossyPacking(file, dataPath, seed, settings, progress, cancellation);
        return packing.Make(goal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _subject.Data.Dispose();
    }

    (byte[]? Model, PackLoss? Loss, IReadOnlyList<PricedNetwork> Tried) Make(PackGoal goal)
    {
        var layers = Compressor.LayersOf(_subject.Baseline);
        var search = new PriceSearch(MakeAt, SuccessiveWork.Of(_subject.Baseline, new CostModel(_subject).MacsOf, _settings.MomentSamples) <= SuccessiveWork.Usual);
        var found = goal.MostDrop is { } drop ? search.ForLoss(drop) : search.ForBytes(goal.MostBytes ?? (long)(goal.MostBitsPerWeight!.Value / 8 * layers.Sum(layer => layer.WeightCount)));
        if (found is null) return (null, null, search.Made);
        var (model, recipe, accuracy, change) = _made[(found.Price, found.IsFittedInSuccession)];
        return (model, new PackLoss(_subject.Metric, _baseline.Count, accuracy, change, recipe, search.Made), search.Made);
    }

    PricedNetwork MakeAt(double price, bool isFitted)
    {
        _progress.Report(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"network {_made.Count + 1}, price {price:G2}"), 0, 0);
        var recipe = new Recipe([new RateConstrainedWeights { Price = price, IsFittedInSuccession = isFitted }.ToStep(Step.WholeNetwork)]);
        var network = Compressor.Apply(_subject.Baseline, recipe, _calibrator).Model;
        byte[] model = network.ToBytes();
        using var session = _subject.Runtime.Open(network, new SessionSettings());
        var scores = Evaluate(session);
        var change = PairedChange.Of(_subject.Metric, scores, _baseline, _settings.Seed).Change;
        _made[(price, isFitted)] = (model, recipe, AccuracyFigure.Of(_subject.Metric, scores, _settings.Seed), change);
        return new PricedNetwork(price, isFitted, PackedModel.Pack(model, _packing, cancellation: _cancellation).LongLength, _subject.Metric.IsMaximized ? -change.Value : change.Value);
    }

    SampleScores Evaluate(INetworkSession session)
    {
        var evaluation = new AccuracyEvaluation { Metric = _subject.Metric, BatchSize = _settings.EvaluationBatch, Parallelism = _settings.EvaluationThreads }.AsDeployed(_subject.Baseline, _settings.Batch);
        long total = _subject.Data.Count(DataPart.Evaluate);
        return evaluation.Run(session, _subject.Data, _subject.Metric.NeedsBaseline ? _session : null, done => _progress.Report("accuracy", done, total), _cancellation);
    }
}
