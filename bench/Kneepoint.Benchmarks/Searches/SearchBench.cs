using System.Collections.Immutable;
using System.Diagnostics;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search.Space;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>A network with its data and a store of measured recipes, on which searches are compared: each recipe is measured once for all of them.</summary>
sealed class SearchBench : IDisposable
{
    const int MostSamples = 1000, MostUnseen = 9000;
    readonly OrtRuntime _runtime;
    readonly OrtSession _session;
    readonly IDataset _data;
    readonly SqliteStudyStore _store;
    readonly SqliteStudyStore? _unseenStore;
    readonly SharedTrials? _unseen;
    readonly StudyCalibration _calibration;
    readonly CostModel _costs;

    /// <summary>Opens everything.</summary>
    /// <param name="file">The network.</param>
    /// <param name="dataPath">Its data.</param>
    /// <param name="storeFile">The store, which may be new; after a comma perhaps a second one, of what frontiers show on samples that no search sees.</param>
    /// <param name="aims">Objectives, and after a slash methods: "accuracy,fileBytes/static-int8,weight-int4".</param>
    /// <param name="largestLayers">How many layers may be treated, those with the most weights; 0 for all.</param>
    public SearchBench(string file, string dataPath, string storeFile, string aims, int largestLayers = 0)
    {
        string[] parts = aims.Split('/');
        var model = OnnxModel.Load(file);
        _runtime = new OrtRuntime(1);
        _session = _runtime.Open(file, new SessionSettings());
        _data = DatasetFile.Open(dataPath, _session.Inputs, _session.Outputs, new SkiaImageDecoder(), 1);
        bool isProbability = OutputKind.IsProbability(model, MetricChoice.Scored(_session.Outputs, _data.Output).Name);
        var metric = MetricChoice.Of(_data.Metric, _session.Outputs, _data.Output, isProbability, _data.Peak ?? 1);
        Subject = new Subject(model, file, _data, metric, _runtime) { FixedBatchSize = FixedBatch.Of(_session) };
        Settings = new ExplorationSettings
        {
            Objectives = [.. parts[0].Split(',')],
            Methods = parts.Length > 1 ? [.. parts[1].Split(',')] : [],
            Layers = largestLayers == 0 ? [] : [.. Compression.Compressor.LayersOf(model).OrderByDescending(layer => layer.WeightCount).Take(largestLayers).Select(layer => layer.Id)],
            FitsInSuccession = false,

            // All samples are seen, so small gains count.
            Racing = Studies.Racing.Never,
            EvaluationThreads = Environment.ProcessorCount,
            IntegerSumsSaturate = SaturationRisk.Saturates(MachineDescription.Current(_runtime.Name, 1, 1).InstructionSets),
        };
        Objectives = [.. Settings.Objectives.Select(name => Objective.Of(name, metric.IsMaximized))];
        string[] stores = storeFile.Split(',');
        _store = SqliteStudyStore.Open(stores[0]);
        _costs = new CostModel(Subject);
        _calibration = new StudyCalibration(Subject, _store, Settings);
        Runner = new SharedTrials(Subject, _calibration, _store, Settings, _costs, 0, MostSamples);
        long samples = _data.Count(DataPart.Evaluate);
        if (stores.Length > 1 && samples > MostSamples)
        {
            _unseenStore = SqliteStudyStore.Open(stores[1]);
            _unseen = new SharedTrials(Subject, _calibration, _unseenStore, Settings, _costs, MostSamples, MostSamples + MostUnseen);
        }

        Title = $"{Path.GetFileName(file)}: {metric.Name}, objectives {parts[0]}, {Math.Min(MostSamples, samples)} evaluation samples{(_unseen is null ? "" : $"; unseen: the frontier found, on {Math.Min(MostUnseen, samples - MostSamples)} others")}";
    }

    /// <summary>Network, metric, objectives, samples: one line.</summary>
    public string Title { get; }

    /// <summary>What is searched.</summary>
    public Subject Subject { get; }

    /// <summary>Settings of all searches but for kind, trials and seed.</summary>
    public ExplorationSettings Settings { get; }

    /// <summary>The objectives.</summary>
    public ImmutableArray<Objective> Objectives { get; }

    /// <summary>Measures recipes.</summary>
    public SharedTrials Runner { get; }

    /// <summary>Measures the space, or reads from the store what was measured.</summary>
    public SearchSpace Space()
    {
        using var probes = new ProbePass(Subject, _calibration, _store, Settings, _costs);
        var space = new StudySpace(Subject, probes, Settings, _costs.MacsOf);
        return space.Measure(space.Choose(_ => { }, CancellationToken.None), _ => { }, CancellationToken.None);
    }

    /// <summary>The volume that trials dominate.</summary>
    public double VolumeOf(IEnumerable<Trial> trials) => ParetoView.Of(trials, Objectives).Volume ?? 0;

    /// <summary>The volume that the frontier of trials dominates on samples that no search has seen: without the luck of those that it was chosen on. Null where there are none.</summary>
    public double? UnseenVolumeOf(IReadOnlyList<Trial> trials)
    {
        if (_unseen is null) return null;
        var frontier = ParetoView.Of(trials, Objectives).Frontier.ToHashSet(StringComparer.Ordinal);
        return VolumeOf([.. trials.Where(trial => frontier.Contains(trial.Recipe.Id)).Select(trial => trial.Recipe).Prepend(Search.Recipe.Baseline).Distinct().Select((recipe, i) => new Trial(i + 1, recipe, _unseen.Run(recipe, CancellationToken.None), 0))]);
    }

    /// <summary>Runs one search.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="trials">Trials at most, the baseline's included.</param>
    /// <param name="seed">Of its draws.</param>
    /// <param name="onTrial">Called after each trial with the volume so far, and with what was expected of it where anything was.</param>
    public SearchResult Run(SearchKind kind, int trials, int seed, Action<Trial, double, ExpectedTrial?>? onTrial = null)
    {
        var settings = Settings with { Search = kind, TrialCount = trials, Seed = seed };
        var store = new TrialsInMemory(_store);
        using var probes = new ProbePass(Subject, _calibration, store, settings, _costs);
        var source = new SpaceSource(Subject, probes, settings, _costs.MacsOf);
        var volumes = new List<double>();
        var expected = new List<ExpectedTrial>();
        int before = Runner.Measured;
        var clock = Stopwatch.StartNew();
        new Exploration(store, Runner, source, settings, TimeProvider.System).Run(trial =>
        {
            volumes.Add(VolumeOf(store.Trials()));
            ExpectedTrial? known = null;
            if (source.Planned.FirstOrDefault(planned => planned.Recipe.Equals(trial.Recipe)) is { } planned && trial.Outcome is TrialOutcome.Measured { Figures: var figures })
            {
                known = new ExpectedTrial(planned, -figures.AccuracyChange.Value / (figures.Accuracy.Value - figures.AccuracyChange.Value), figures.Memory.FileBytes);
                expected.Add(known);
            }

            onTrial?.Invoke(trial, volumes[^1], known);
        }, _ => { }, CancellationToken.None);
        return new SearchResult([.. store.Trials()], [.. volumes], [.. expected], clock.Elapsed, Runner.Measured - before, store.Probed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Dispose();
        _unseenStore?.Dispose();
        _data.Dispose();
        _session.Dispose();
    }
}

/// <summary>What a search did.</summary>
/// <param name="Trials">Its trials.</param>
/// <param name="Volumes">The volume after each of them.</param>
/// <param name="Expected">Trials of which something was expected.</param>
/// <param name="Time">How long it took.</param>
/// <param name="New">Recipes that no search before had measured.</param>
/// <param name="Probed">Variants that it looked at on calibration samples.</param>
sealed record SearchResult(ImmutableArray<Trial> Trials, ImmutableArray<double> Volumes, ImmutableArray<ExpectedTrial> Expected, TimeSpan Time, int New, int Probed);

/// <summary>A planned trial with what came of it.</summary>
/// <param name="Planned">The plan.</param>
/// <param name="Loss">Measured, a share of the baseline's figure.</param>
/// <param name="FileBytes">Measured.</param>
sealed record ExpectedTrial(Search.Planning.PlannedRecipe Planned, double Loss, double FileBytes)
{
    /// <summary>Whether the loss lies within the 95 % interval of what was expected.</summary>
    public bool IsInside => Math.Abs(Loss - Planned.Loss.Mean) <= 1.96 * Planned.Loss.Deviation;
}
