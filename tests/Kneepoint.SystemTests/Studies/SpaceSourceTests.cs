using System.Globalization;
using Kneepoint.App;
using Kneepoint.Measurement;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

public sealed class SpaceSourceTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");

    [Theory]
    [InlineData(SearchKind.Nsga2, 20)]
    [InlineData(SearchKind.Exact, 4)]
    public void Bug_measured_times_steered_the_evolutionary_search_so_that_a_seed_gave_other_recipes_each_time(SearchKind search, int least)
    {
        var expected = Recipes(search, clock: 1);

        Assert.True(expected.Count > least);
        Assert.Equal(expected, Recipes(search, clock: 2));
    }

    // What is tried where nothing but the clock differs.
    static List<string> Recipes(SearchKind search, int clock)
    {
        var settings = new ExplorationSettings { Search = search, TrialCount = 30, Methods = ["weight-int8", "shared-weights", "fp16-weights"], RangeSamples = 16, MomentSamples = 16, SensitivitySamples = 16 };
        var subject = SubjectFile.Open(Path.Combine(Samples, "glyphs.onnx"), Path.Combine(Samples, "data.yaml"), new OrtRuntime(1), settings, TestContext.Current.CancellationToken);
        using var data = subject.Data;
        var store = new InMemoryStudyStore();
        var costs = new CostModel(subject);
        using var probes = new ProbePass(subject, new StudyCalibration(subject, store, settings), store, settings, costs);
        var source = new SpaceSource(subject, probes, settings, costs.MacsOf);
        var random = new Random(clock);
        var trials = new List<Trial>();
        while (trials.Count < settings.TrialCount && source.Propose(trials, _ => { }, TestContext.Current.CancellationToken) is { Count: > 0 } next)
        {
            foreach (var recipe in next.Take(settings.TrialCount - trials.Count)) trials.Add(new Trial(trials.Count + 1, recipe, new TrialOutcome.Measured(Figures(recipe, 1 + random.NextDouble()), []), 1));
        }

        return [.. trials.Select(trial => trial.Recipe.Id)];
    }

    // Made up from the recipe, but for the time.
    static Measured Figures(Recipe recipe, double time)
    {
        double share = recipe.Steps.IsEmpty ? 0 : int.Parse(recipe.Id.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / (double)0x10000;
        Interval Exactly(double value) => new(value, value, value);
        return new Measured(Exactly(0.9 - 0.1 * share), Exactly(-0.1 * share), new MemoryFigures(1000 + (long)(9000 * (1 - share)), null, 1000, 1000, null), new ComputeFigures(1000, 1000, Exactly(time), Exactly(time)), []);
    }
}
