using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Studies;

/// <summary>Runs a study's calibration samples through networks: the baseline once, its facts kept in the study; others when steps ask for it.</summary>
/// <remarks>Of restructured networks those asked for last are kept in memory, as many as fit: many recipes quantize the same pruned network, and to run the samples through it again would take longer than the trial.</remarks>
public sealed class StudyCalibration
{
    // At least so many networks, and as many more as take up no more than this.
    const int LeastNetworks = 3;
    const long MostBytes = 256L << 20;

    readonly Subject _subject;
    readonly ExplorationSettings _settings;
    readonly NetworkFacts _baseline;
    readonly List<(string Key, NetworkFacts Facts)> _networks = [];

    /// <summary>Joins the parts, and keeps what is found in memory.</summary>
    /// <param name="subject">Baseline, samples and runtime.</param>
    /// <param name="settings">Numbers of samples, batch and threads.</param>
    public StudyCalibration(Subject subject, ExplorationSettings settings) : this(subject, new BytesInMemory(), settings)
    {
    }

    /// <summary>Joins the parts.</summary>
    /// <param name="subject">Baseline, samples and runtime.</param>
    /// <param name="store">Keeps what is found of the baseline.</param>
    /// <param name="settings">Numbers of samples, batch and threads.</param>
    public StudyCalibration(Subject subject, INamedBytes store, ExplorationSettings settings)
    {
        (_subject, _settings) = (subject, settings);
        _baseline = new NetworkFacts(subject, store, settings);
    }

    /// <summary>A calibrator that reports its progress.</summary>
    /// <param name="onProgress">Called with the number of samples done.</param>
    /// <param name="cancellation">Ends a collection.</param>
    public ICalibrator With(Action<ExplorationProgress> onProgress, CancellationToken cancellation) => new Calibrator(this, onProgress, cancellation);

    NetworkFacts FactsOf(OnnxModel network, string key)
    {
        lock (_networks) return FactsWithin(network, key);
    }

    NetworkFacts FactsWithin(OnnxModel network, string key)
    {
        int place = _networks.FindIndex(known => known.Key == key);
        (string Key, NetworkFacts Facts) known = place >= 0 ? _networks[place] : (key, NetworkFacts.InMemory(_subject with { Baseline = network, BaselineFile = "" }, _settings));
        if (place >= 0) _networks.RemoveAt(place);
        while (_networks.Count >= LeastNetworks && _networks.Sum(kept => kept.Facts.Bytes) > MostBytes) _networks.RemoveAt(0);
        _networks.Add(known);
        return known.Facts;
    }

    sealed class NetworkFacts(Subject subject, INamedBytes bytes, ExplorationSettings settings)
    {
        Func<long> _bytes = () => 0;

        /// <summary>What is kept in memory, about.</summary>
        public long Bytes => _bytes() + Roundings.Bytes;

        public static NetworkFacts InMemory(Subject subject, ExplorationSettings settings)
        {
            var bytes = new BytesInMemory();
            long model = subject.Baseline.Proto.CalculateSize();
            return new NetworkFacts(subject, bytes, settings) { _bytes = () => model + bytes.Length };
        }

        public RangeSource Ranges { get; } = new(subject, bytes, settings);

        public MomentSource Moments { get; } = new(subject, bytes, settings);

        public KnownRoundings Roundings { get; } = new();

        public CurvatureSource Curvatures { get; } = new(subject, bytes, settings);
    }

    sealed class Calibrator(StudyCalibration study, Action<ExplorationProgress> onProgress, CancellationToken cancellation) : ICalibrator
    {
        public ICalibrationFacts Baseline => new Facts(study._baseline, study._settings.EvaluationThreads, onProgress, cancellation);

        public ICalibrationFacts Of(OnnxModel network, string key) =>
            new Facts(study.FactsOf(network, key), study._settings.EvaluationThreads, onProgress, cancellation);

        public void Collect(OnnxModel network, IReadOnlyList<InputForm> forms, int rowsPerColumn, Action<InputForm, SplitMoments> onCollected) =>
            MomentSource.Collect(study._subject with { Baseline = network }, study._settings, forms, onCollected, _ => { }, cancellation, rowsPerColumn);

        public void Report(string what, long done, long total) => onProgress(new ExplorationProgress(what, done, total));
    }

    sealed class Facts : ICalibrationFacts
    {
        readonly NetworkFacts _facts;
        readonly Action<ExplorationProgress> _onProgress;
        readonly CancellationToken _cancellation;

        public Facts(NetworkFacts facts, int threads, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
        {
            (_facts, _onProgress, _cancellation) = (facts, onProgress, cancellation);
            Roundings = new DataRoundings(Moments, threads, facts.Roundings);
        }

        public DataRoundings Roundings { get; }

        public ActivationStatistics? Activations(IReadOnlyCollection<string> values) => _facts.Ranges.Of(values, _onProgress, _cancellation);

        public SplitMoments? Moments(InputForm form) => _facts.Moments.Of(form, _onProgress, _cancellation);

        public double? Curvature(string what, Func<(OnnxModel Network, double Error)> change) => _facts.Curvatures.Of(what, change, _onProgress, _cancellation);
    }
}
