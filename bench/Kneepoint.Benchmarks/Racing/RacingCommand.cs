using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Racing;
using Kneepoint.Onnx;
using Kneepoint.Storage;
using Kneepoint.Studies;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.Racing;

/// <summary>Claim: racing takes less than half of the sample evaluations and leaves the same frontier, within ties. Replays studies in which every variant has seen all samples.</summary>
/// <remarks>
/// The recipes are those of the study, in its order or with the smallest files first (the baseline before all), which shows what the order is worth; a race reads the stored scores where it would run the network. A member of the full frontier is kept, or replaced where a variant that was kept costs no more and
/// the paired test on all samples does not find it worse; it is lost otherwise.
/// A pair UNRACED:RACED are two studies that were run alike but for --race: there the search itself has gone other ways, and what both spent and found is compared.
/// </remarks>
static class RacingCommand
{
    public const string Name = "racing";
    const int Batch = 32;
    static readonly int[] Seeds = [1, 2, 3];

    /// <summary>Arguments: OBJECTIVES STUDY…, as accuracy,fileBytes and the folders of studies with top-1 accuracy made by --race never, or pairs of them with studies that were raced.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var objectives, .. { Length: > 0 } folders])
        {
            Console.Error.WriteLine($"{Name}: expected OBJECTIVES STUDY…, as accuracy,fileBytes studies/a studies/b, or UNRACED:RACED pairs");
            return 2;
        }

        ImmutableArray<string> names = [.. objectives.Split(',')];
        if (folders.Any(folder => folder.Contains(':', StringComparison.Ordinal)))
        {
            Console.WriteLine($"{"unraced",-24}{"raced",-24}{"trials",13}{"dropped",9}{"evaluations",13}{"otherwise",11}{"factor",8}{"volume",12}{"otherwise",12}{"frontier",10}{"kept",6}{"replaced",10}{"lost",6}{"other way",11}{"kept",6}{"replaced",10}{"lost",6}");
            foreach (string pair in folders) Compare(pair.Split(':')[0], pair.Split(':')[1], names);
            return 0;
        }

        Console.WriteLine($"{"study",-24}{"objectives",-34}{"samples",9}{"seed",5}{"order",13}{"trials",8}{"dropped",9}{"evaluations",13}{"otherwise",11}{"factor",8}{"frontier",10}{"kept",6}{"replaced",10}{"lost",6}");
        foreach (string folder in folders)
        {
            var trials = Trials(folder).Where(trial => trial.Outcome is TrialOutcome.Measured).ToList();
            var smallFirst = trials.OrderBy(trial => trial.Recipe.Steps.IsEmpty ? 0 : ((TrialOutcome.Measured)trial.Outcome).Figures.Memory.FileBytes).ToList();
            foreach (int seed in Seeds) Replay(Path.GetFileName(folder), trials, "as proposed", names, seed);
            foreach (int seed in Seeds) Replay(Path.GetFileName(folder), smallFirst, "small first", names, seed);
        }

        return 0;
    }

    static void Replay(string study, List<Trial> trials, string order, ImmutableArray<string> objectives, int seed)
    {
        var metric = new TopK(1, "y");
        var settings = new ExplorationSettings { Objectives = objectives, Seed = seed, Racing = Studies.Racing.Always };
        var rivals = new Rivals(metric, settings);
        var kept = new List<Trial>();
        long evaluations = 0, otherwise = 0;
        foreach (var trial in trials)
        {
            var outcome = (TrialOutcome.Measured)trial.Outcome;
            var scores = SampleScores.Of(metric, outcome.SampleScores);
            var entry = rivals.Meet(trial.Recipe);
            int batch = trial.Recipe.Steps.Any(step => step.Method == DynamicInt8.MethodName) ? 1 : Batch;
            otherwise += scores.Count;
            if (entry is null || rivals.Against(outcome.Figures) is not { } rival)
            {
                evaluations += scores.Count;
            }
            else
            {
                using var stored = new StoredScores(scores);
                var evaluation = new GrowingEvaluation(new AccuracyEvaluation { Metric = metric, BatchSize = batch }, stored, stored, null);
                var change = new Race { Rival = rival.Scores, Doubts = rival.Doubts, Right = 1, Risk = settings.RacingRisk, Seed = entry.Seed }.Run(evaluation, batch, null, CancellationToken.None);
                evaluations += evaluation.Evaluations;
                if (change is not null) continue;
            }

            kept.Add(trial);
            rivals.Add(trial.Recipe, outcome);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{study,-24}{string.Join(',', objectives),-34}{otherwise / trials.Count,9}{seed,5}{order,13}{trials.Count,8}{trials.Count - kept.Count,9}{evaluations,13}{otherwise,11}{(double)otherwise / evaluations,8:F2}{Found(trials, kept, objectives, metric)}"));
    }

    static void Compare(string unraced, string raced, ImmutableArray<string> objectives)
    {
        var metric = new TopK(1, "y");
        Objective[] all = [.. objectives.Select(name => Objective.Of(name, metric.IsMaximized))];
        var (whole, part) = (Trials(unraced), Trials(raced));
        long otherwise = whole.Sum(Evaluations), evaluations = part.Sum(Evaluations);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(unraced),-24}{Path.GetFileName(raced),-24}{$"{whole.Count}/{part.Count}",13}{part.Count(trial => trial.Outcome is TrialOutcome.Dropped),9}{evaluations,13}{otherwise,11}{(double)otherwise / evaluations,8:F2}{ParetoView.Of(part, all).Volume,12:G6}{ParetoView.Of(whole, all).Volume,12:G6}{Found(whole, part, objectives, metric)}{"",1}{Found(part, whole, objectives, metric)}"));
    }

    static long Evaluations(Trial trial) => trial.Outcome switch
    {
        TrialOutcome.Measured measured => measured.Figures.Evaluations ?? 0,
        TrialOutcome.Dropped dropped => dropped.SamplesSeen,
        _ => 0,
    };

    static IReadOnlyList<Trial> Trials(string folder)
    {
        using var store = SqliteStudyStore.OpenExisting(StudyFolder.DatabaseOf(folder));
        return [.. store.Trials()];
    }

    // What became of the frontier of some trials where only others, or fewer, were made.
    static string Found(IReadOnlyList<Trial> trials, IReadOnlyList<Trial> kept, ImmutableArray<string> objectives, TopK metric)
    {
        Objective[] all = [.. objectives.Select(name => Objective.Of(name, metric.IsMaximized))];
        var measured = kept.Where(trial => trial.Outcome is TrialOutcome.Measured).ToDictionary(trial => trial.Recipe.Id, StringComparer.Ordinal);
        var frontier = ParetoView.Of(trials, all).Frontier.Select(id => trials.First(trial => trial.Recipe.Id == id)).ToList();
        int same = frontier.Count(member => measured.ContainsKey(member.Recipe.Id)), replaced = frontier.Count(member => !measured.ContainsKey(member.Recipe.Id) && measured.Values.Any(other => Replaces(other, member, all, metric)));
        return string.Create(CultureInfo.InvariantCulture, $"{frontier.Count,10}{same,6}{replaced,10}{frontier.Count - same - replaced,6}");
    }

    static bool Replaces(Trial other, Trial member, Objective[] objectives, TopK metric)
    {
        var (a, b) = ((TrialOutcome.Measured)other.Outcome, (TrialOutcome.Measured)member.Outcome);
        if (objectives.Any(objective => objective.Name != "accuracy" && objective.Cost(a.Figures) > objective.Cost(b.Figures))) return false;
        SampleScores first = SampleScores.Of(metric, a.SampleScores), second = SampleScores.Of(metric, b.SampleScores);
        return Ties.AreTied(metric, first, second, 1) || metric.Value(first.Values) >= metric.Value(second.Values);
    }

    /// <summary>A network and its data at once: what it says of a sample is right where the stored score is 1.</summary>
    sealed class StoredScores(SampleScores scores) : INetworkSession, IDataset
    {
        public IReadOnlyList<ValueSignature> Inputs { get; } = [new("x", ElementType.Float32, [-1, 2])];

        public IReadOnlyList<ValueSignature> Outputs { get; } = [new("y", ElementType.Float32, [-1, 2])];

        public string Metric => "top1";

        public IReadOnlyList<Finding> Findings => [];

        public long Count(DataPart part) => scores.Count;

        public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs) => new Dictionary<string, Tensor> { ["y"] = inputs["x"] };

        public IEnumerable<SampleBatch> ReadAt(DataPart part, IReadOnlyList<long> places, int batchSize, CancellationToken cancellation) => places.Chunk(batchSize).Select(chunk =>
            new SampleBatch(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([chunk.Length, 2], chunk.SelectMany(place => new[] { scores.Values[place], 1 - scores.Values[place] }).ToArray()) },
                Tensor.Of([chunk.Length], new long[chunk.Length]), chunk.Length));

        public IEnumerable<SampleBatch> Read(DataPart part, int batchSize, long limit, CancellationToken cancellation) => throw new NotSupportedException();

        public IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
