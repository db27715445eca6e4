using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Studies;
using Microsoft.Extensions.Time.Testing;

namespace Kneepoint.Tests.Studies;

public sealed class ExplorationTests
{
    static readonly ImmutableSortedDictionary<string, string> NoOptions =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    readonly FakeTimeProvider _clock = new();
    readonly InMemoryStudyStore _store = new();
    readonly List<string> _ran = [];

    [Fact]
    public void No_recipe_is_tried_twice_across_runs()
    {
        Explore(new Scripted(["a", "b"]), new ExplorationSettings { TrialCount = 1 }, cancellation: TestContext.Current.CancellationToken);

        var end = Explore(new Scripted(["a", "b", "b", "c"]), new ExplorationSettings { TrialCount = 10 }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(ExplorationEnd.NothingLeft, end);
        Assert.Equal(["a", "b", "c"], _ran);
        Assert.Equal(3, _store.Trials().Count);
    }

    [Fact]
    public void A_trial_that_throws_is_stored_as_crashed_and_the_next_one_runs()
    {
        Explore(new Scripted(["a", "b"]), new ExplorationSettings(), method => method == "a" ? throw new InvalidOperationException("boom") : null, TestContext.Current.CancellationToken);

        var crashed = Assert.IsType<TrialOutcome.Crashed>(_store.Trials()[0].Outcome);
        Assert.Contains("boom", crashed.Error, StringComparison.Ordinal);
        Assert.IsType<TrialOutcome.Rejected>(_store.Trials()[1].Outcome);
    }

    [Fact]
    public void A_baseline_that_fails_ends_the_run_and_is_no_trial()
    {
        var failing = new FailingBaseline(() => throw new OnnxModelException("node 'a' fails."));
        var late = new FailingBaseline(() =>
        {
            _clock.Advance(TimeSpan.FromMinutes(31));
            return null;
        });

        Assert.Equal("node 'a' fails.", Assert.Throws<OnnxModelException>(() => Explore(failing)).Message);
        Assert.Contains("longer than the 30 minutes", Assert.Throws<StudyStoreException>(() => Explore(late)).Message, StringComparison.Ordinal);
        Assert.Empty(_store.Trials());

        void Explore(FailingBaseline runner) => new Exploration(_store, runner, runner, new ExplorationSettings(), _clock)
            .Run(_ => { }, _ => { }, TestContext.Current.CancellationToken);
    }

    sealed class FailingBaseline(Func<TrialOutcome?> act) : ITrialRunner, IRecipeSource
    {
        public IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation) =>
            [Kneepoint.Search.Recipe.Baseline, Recipe("a")];

        public TrialOutcome Run(Recipe recipe, CancellationToken cancellation)
        {
            var outcome = act();
            cancellation.ThrowIfCancellationRequested();
            return outcome ?? new TrialOutcome.Rejected("");
        }
    }

    [Fact]
    public void A_full_disk_ends_the_run_and_is_no_trial()
    {
        Assert.Throws<IOException>(() => Explore(new Scripted(["a"]), new ExplorationSettings(), _ => throw new IOException("No space left"), TestContext.Current.CancellationToken));

        Assert.Empty(_store.Trials());
    }

    [Fact]
    public void A_trial_beyond_its_time_is_stored_as_timed_out()
    {
        var settings = new ExplorationSettings { TrialTimeLimit = TimeSpan.FromSeconds(5) };
        Explore(new Scripted(["a"]), settings, _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(6));
            return null;
        }, TestContext.Current.CancellationToken);

        Assert.Equal(new TrialOutcome.TimedOut(5), _store.Trials()[0].Outcome);
    }

    [Fact]
    public void Cancelling_stores_nothing_of_the_trial_in_flight()
    {
        using var source = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => Explore(new Scripted(["a", "b"]), new ExplorationSettings(), method =>
        {
            if (method == "b") source.Cancel();
            return null;
        }, source.Token));

        Assert.Single(_store.Trials());
    }

    [Fact]
    public void No_trial_begins_after_the_time_limit()
    {
        var settings = new ExplorationSettings { TimeLimit = TimeSpan.FromSeconds(3) };
        var end = Explore(new Scripted(["a", "b", "c", "d"]), settings, _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return null;
        }, TestContext.Current.CancellationToken);

        Assert.Equal(ExplorationEnd.TimeUsed, end);
        Assert.Equal(["a", "b"], _ran);
    }

    [Fact]
    public void Bug_recipes_were_sought_for_minutes_when_trials_or_time_were_used_up()
    {
        var byTrials = new Scripted(["a", "b"]);
        Assert.Equal(ExplorationEnd.TrialsUsed, Explore(byTrials, new ExplorationSettings { TrialCount = 2 }, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(1, byTrials.Calls);

        var byTime = new Scripted(["c", "d"]);
        Assert.Equal(ExplorationEnd.TimeUsed, Explore(byTime, new ExplorationSettings { TimeLimit = TimeSpan.FromSeconds(2) }, _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return null;
        }, TestContext.Current.CancellationToken));
        Assert.Equal(1, byTime.Calls);
    }

    ExplorationEnd Explore(IRecipeSource source, ExplorationSettings settings, Func<string, TrialOutcome?>? act = null, CancellationToken cancellation = default)
    {
        var runner = new ScriptedRunner(method =>
        {
            _ran.Add(method);
            return act?.Invoke(method) ?? new TrialOutcome.Rejected(method);
        });
        return new Exploration(_store, runner, source, settings, _clock).Run(_ => { }, _ => { }, cancellation);
    }

    static Recipe Recipe(string method) => new([new Step(method, ["layer"], NoOptions)]);

    sealed class Scripted(string[] methods) : IRecipeSource
    {
        public int Calls { get; private set; }

        public IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
        {
            Calls++;
            return [.. methods.Select(Recipe)];
        }
    }

    sealed class ScriptedRunner(Func<string, TrialOutcome> act) : ITrialRunner
    {
        public TrialOutcome Run(Recipe recipe, CancellationToken cancellation)
        {
            var outcome = act(recipe.Steps[0].Method);
            cancellation.ThrowIfCancellationRequested();
            return outcome;
        }
    }
}
