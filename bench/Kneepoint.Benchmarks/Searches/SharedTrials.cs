using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>Measures accuracy, bytes and operations of recipes, each once for all searches that share a store.</summary>
/// <remarks>No latency and no memory of processes: what is compared are searches, and figures without noise compare them fairly.</remarks>
/// <param name="subject">What is measured.</param>
/// <param name="calibration">Of its variants.</param>
/// <param name="store">Of what was measured.</param>
/// <param name="settings">Of all searches.</param>
/// <param name="costs">Counts operations.</param>
/// <param name="first">The first evaluation sample.</param>
/// <param name="end">The sample after the last one; beyond the data stands for its end.</param>
sealed class SharedTrials(Subject subject, StudyCalibration calibration, SqliteStudyStore store, ExplorationSettings settings, CostModel costs, int first, int end) : ITrialRunner
{
    readonly Dictionary<string, TrialOutcome> _known = store.Trials().ToDictionary(trial => trial.Recipe.Id, trial => trial.Outcome, StringComparer.Ordinal);
    SampleScores? _baseline;

    /// <summary>Recipes that no search had asked for before.</summary>
    public int Measured { get; private set; }

    public IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation) => new FinishedTrial(Run(recipe, cancellation));

    /// <summary>What a recipe's variant shows.</summary>
    public TrialOutcome Run(Recipe recipe, CancellationToken cancellation)
    {
        if (_known.TryGetValue(recipe.Id, out var known)) return known;
        var outcome = Measure(recipe, cancellation);
        store.Add(recipe, outcome, 0);
        _known.Add(recipe.Id, outcome);
        Measured++;
        return outcome;
    }

    TrialOutcome Measure(Recipe recipe, CancellationToken cancellation)
    {
        try
        {
            var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(_ => { }, cancellation));
            using var session = subject.Runtime.Open(network.Model, new SessionSettings());
            var scores = Scores(session, cancellation);
            if (recipe.Equals(Recipe.Baseline)) _baseline = scores;
            _baseline ??= Scores(subject.Runtime.Open(subject.BaselineFile, new SessionSettings()), cancellation);
            var accuracy = AccuracyFigure.Of(subject.Metric, scores, 1);
            var change = PairedChange.Of(subject.Metric, scores, _baseline, 1).Change;
            var cost = costs.Of(network);
            var memory = new MemoryFigures(network.Model.ToBytes().Length, null, cost.WeightBytes, 0, null);
            return new TrialOutcome.Measured(new Measured(accuracy, change, memory, new ComputeFigures(cost.Macs, cost.BitOps, null, null), []), scores.ToBytes());
        }
        catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException)
        {
            return new TrialOutcome.Rejected(exception.Message);
        }
    }

    SampleScores Scores(INetworkSession session, CancellationToken cancellation)
    {
        var evaluation = new AccuracyEvaluation { Metric = subject.Metric, BatchSize = subject.BatchSize(settings.EvaluationBatch), Parallelism = settings.EvaluationThreads, Limit = end };
        var scores = evaluation.Run(session, subject.Data, null, null, cancellation);
        return new SampleScores(scores.Values[(first * scores.PerSample)..], scores.PerSample);
    }
}
