using System.Collections.Immutable;
using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.WeightSharing;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

/// <summary>Racing on real networks: a list of recipes, raced and not.</summary>
public sealed class RacingTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx")]
    [InlineData("adult", "adult/adult_mlp.onnx")]
    public void Raced_and_unraced_trials_end_with_one_frontier_within_ties_and_survivors_have_the_same_scores(string data, string model)
    {
        var unraced = Explore(data, model, Racing.Never, "unraced");
        var raced = Explore(data, model, Racing.Repeatable, "raced");

        Assert.Contains(raced, trial => trial.Outcome is TrialOutcome.Dropped);
        var scores = unraced.ToDictionary(trial => trial.Recipe.Id, trial => (TrialOutcome.Measured)trial.Outcome);
        foreach (var (id, outcome) in Measured(raced))
        {
            Assert.Equal(scores[id].SampleScores, outcome.SampleScores);
            Assert.Equal(scores[id].Figures.Accuracy, outcome.Figures.Accuracy);
            Assert.Equal(scores[id].Figures.Labels, outcome.Figures.Labels);
        }

        Objective[] objectives = [.. Objectives.Select(name => Objective.Of(name, accuracyIsMaximized: true))];
        var kept = Measured(raced).ToDictionary(entry => entry.Id, entry => entry.Outcome);
        foreach (string id in ParetoView.Of(unraced, objectives).Frontier)
        {
            Assert.True(kept.ContainsKey(id) || kept.Values.Any(other => Replaces(other, scores[id])), $"{id} of the frontier is lost.");
        }

        foreach (var (trial, dropped) in raced.Select(trial => (trial, trial.Outcome as TrialOutcome.Dropped)).Where(pair => pair.Item2 is not null))
        {
            var (found, rival) = (scores[trial.Recipe.Id], scores[dropped!.DominatedBy]);
            Assert.InRange(found.Figures.Accuracy.Value - rival.Figures.Accuracy.Value, dropped.Change.Low - 1e-9, dropped.Change.High + 1e-9);
            Assert.Equal(found.Figures.Memory.FileBytes, dropped.Figures.Single(figure => figure.Name == "fileBytes").Value);
        }

        long samples = scores.Values.First().SampleScores.Length / sizeof(float);
        long evaluations = raced.Sum(trial => trial.Outcome is TrialOutcome.Dropped { SamplesSeen: var seen } ? seen : ((TrialOutcome.Measured)trial.Outcome).Figures.Evaluations!.Value);
        Assert.InRange(evaluations, 0, samples * raced.Count / 2);
    }

    [Fact]
    public void A_study_that_goes_on_races_against_what_was_measured_before()
    {
        var whole = Explore("kws", "kws/dscnn_kws_ref.onnx", Racing.Repeatable, "whole");
        var store = new InMemoryStudyStore();
        foreach (int trials in (int[])[3, 7]) Explore("kws", "kws/dscnn_kws_ref.onnx", Racing.Repeatable, "parts", store, trials);

        var parts = Explore("kws", "kws/dscnn_kws_ref.onnx", Racing.Repeatable, "parts", store);

        Assert.Equal(whole.Select(Text), parts.Select(Text));
    }

    [Fact]
    public void Trials_that_are_started_side_by_side_come_out_as_one_after_the_other()
    {
        var one = Explore("kws", "kws/dscnn_kws_ref.onnx", Racing.Repeatable, "one");

        var four = Explore("kws", "kws/dscnn_kws_ref.onnx", Racing.Repeatable, "four", trialsAtOnce: 4);

        Assert.Equal(one.Select(Text), four.Select(Text));
        foreach (var (first, second) in Measured(one).Zip(Measured(four)))
        {
            Assert.Equal(first.Outcome.SampleScores, second.Outcome.SampleScores);
            Assert.Equal(first.Outcome.Figures.Memory.FileBytes, second.Outcome.Figures.Memory.FileBytes);
            Assert.Equal(first.Outcome.Figures.Memory.PackedBytes, second.Outcome.Figures.Memory.PackedBytes);
        }
    }

    static string Text(Trial trial) => $"{trial.Number} {trial.Recipe.Id} "
        + (trial.Outcome is TrialOutcome.Dropped dropped ? $"{dropped.DominatedBy} {dropped.SamplesSeen} {dropped.Change}" : trial.Outcome.GetType().Name);

    static readonly ImmutableArray<string> Objectives = ["accuracy", "fileBytes"];

    IReadOnlyList<Trial> Explore(string data, string model, Racing racing, string folder, InMemoryStudyStore? store = null, int trials = 100, int trialsAtOnce = 1)
    {
        store ??= new InMemoryStudyStore();
        string modelFile = Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model));
        string description = Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{data}.yaml");
        var settings = new ExplorationSettings { Objectives = Objectives, Racing = racing, TrialCount = trials, LatencyTime = TimeSpan.FromMilliseconds(20), EvaluationThreads = 2, TrialsAtOnce = trialsAtOnce };
        var runtime = new OrtRuntime(settings.Threads);
        var subject = SubjectFile.Open(modelFile, description, runtime, settings, TestContext.Current.CancellationToken);
        using var samples = subject.Data;
        using var files = StudyFolder.Open(_folder.File(folder));
        using var measurement = new VariantMeasurement(subject, new OrtVariantProbe(runtime, resident: null, settings.Threads), settings, new CostModel(subject).Of, [], _ => { });
        var rivals = new Rivals(subject.Metric, settings);
        foreach (var trial in store.Trials())
        {
            if (trial.Outcome is not TrialOutcome.Measured outcome) continue;
            rivals.Add(trial.Recipe, outcome);
            if (trial.Recipe.Equals(Recipe.Baseline)) measurement.UseBaseline(SampleScores.Of(subject.Metric, outcome.SampleScores));
        }

        var runner = new TrialRunner(subject, new StudyCalibration(subject, store, settings), measurement, files, _ => { }, rivals: rivals);
        new Exploration(store, runner, new Given(), settings, TimeProvider.System).Run(_ => { }, _ => { }, TestContext.Current.CancellationToken);
        return [.. store.Trials().Where(trial => trial.Outcome is not TrialOutcome.Rejected)];
    }

    static IEnumerable<(string Id, TrialOutcome.Measured Outcome)> Measured(IEnumerable<Trial> trials) =>
        trials.Where(trial => trial.Outcome is TrialOutcome.Measured).Select(trial => (trial.Recipe.Id, (TrialOutcome.Measured)trial.Outcome));

    static bool Replaces(TrialOutcome.Measured other, TrialOutcome.Measured member)
    {
        var metric = new TopK(1, "y");
        SampleScores first = SampleScores.Of(metric, other.SampleScores), second = SampleScores.Of(metric, member.SampleScores);
        return other.Figures.Memory.FileBytes <= member.Figures.Memory.FileBytes
            && (Ties.AreTied(metric, first, second, 1) || metric.Value(first.Values) >= metric.Value(second.Values));
    }

    /// <summary>The baseline, a small network that is good, and then many that are larger and no better, or much worse.</summary>
    sealed class Given : IRecipeSource
    {
        static readonly CompressionMethod[] Methods =
        [
            new BlockWeights { Rounding = WeightRounding.Data, ScaleBits = 8 },
            .. MethodCatalog.Restructuring.Where(method => method is PruneChannels),
            .. MethodCatalog.Grid.Where(method => method is not (BlockWeights or SharedWeights)),
        ];

        public IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation) =>
            [Recipe.Baseline, .. Methods.Select(method => new Recipe([method.ToStep(Step.WholeNetwork)]))];
    }
}
