using System.Collections.Concurrent;
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

        public IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation)
        {
            var outcome = act();
            cancellation.ThrowIfCancellationRequested();
            return new FinishedTrial(outcome ?? new TrialOutcome.Rejected(""));
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

    [Fact]
    public void Trials_of_a_batch_are_started_side_by_side_then_finished_alone_in_the_order_of_their_proposal()
    {
        using var all = new CountdownEvent(TrialBatch.Size);
        int finishing = 0;
        var runner = new TwoParts(method =>
        {
            // The first trial is a batch of its own.
            if (method == "a") return;
            all.Signal();
            Assert.True(all.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "The trials of a batch wait for each other in vain.");
        }, method =>
        {
            Assert.Equal(1, Interlocked.Increment(ref finishing));
            Assert.True(method == "a" || all.IsSet);
            Interlocked.Decrement(ref finishing);
        });

        Run(runner, ["a", "b", "c", "d", "e"], TrialBatch.Size);

        Assert.Equal(["a", "b", "c", "d", "e"], _store.Trials().Select(trial => trial.Recipe.Steps[0].Method));
        Assert.Equal([1, 1, 1, 1, 4], runner.Threads.Order());
        Assert.Equal(5, runner.Disposed);
    }

    [Fact]
    public void A_world_that_fails_in_one_trial_of_a_batch_keeps_those_before_it()
    {
        var runner = new TwoParts(method => _ = method == "d" ? throw new IOException("No space left") : 0, _ => { });

        Assert.Throws<IOException>(() => Run(runner, ["a", "b", "c", "d", "e"], TrialBatch.Size));

        Assert.Equal(["a", "b", "c"], _store.Trials().Select(trial => trial.Recipe.Steps[0].Method));
        Assert.Equal(4, runner.Disposed);
    }

    [Fact]
    public void The_time_of_a_trial_is_that_of_its_two_parts_and_not_the_wait_between_them()
    {
        var settings = new ExplorationSettings { TrialTimeLimit = TimeSpan.FromSeconds(5), TrialsAtOnce = 4 };
        var runner = new TwoParts(_ => { }, method => _clock.Advance(TimeSpan.FromSeconds(method == "c" ? 6 : 4)));

        new Exploration(_store, runner, new Scripted(["a", "b", "c", "d", "e"]), settings, _clock).Run(_ => { }, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal([4, 4, 6, 4, 4], _store.Trials().Select(trial => trial.Seconds));
        Assert.Equal([2], _store.Trials().Select((trial, i) => (trial, i)).Where(entry => entry.trial.Outcome is TrialOutcome.TimedOut).Select(entry => entry.i));
    }

    void Run(TwoParts runner, string[] methods, int trialsAtOnce) =>
        new Exploration(_store, runner, new Scripted(methods), new ExplorationSettings { TrialsAtOnce = trialsAtOnce, EvaluationThreads = 4 }, _clock).Run(_ => { }, _ => { }, TestContext.Current.CancellationToken);

    sealed class TwoParts(Action<string> start, Action<string> finish) : ITrialRunner
    {
        int _disposed;

        public ConcurrentBag<int> Threads { get; } = [];

        public int Disposed => _disposed;

        public IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation)
        {
            Threads.Add(threads);
            start(recipe.Steps[0].Method);
            return new Started(this, recipe.Steps[0].Method, cancellation);
        }

        sealed class Started(TwoParts runner, string method, CancellationToken cancellation) : IStartedTrial
        {
            bool _isDisposed;

            public TrialOutcome Finish()
            {
                runner.Do(method);
                cancellation.ThrowIfCancellationRequested();
                return new TrialOutcome.Rejected(method);
            }

            public void Dispose()
            {
                if (!_isDisposed) Interlocked.Increment(ref runner._disposed);
                _isDisposed = true;
            }
        }

        void Do(string method) => finish(method);
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
        public IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation)
        {
            var outcome = act(recipe.Steps[0].Method);
            cancellation.ThrowIfCancellationRequested();
            return new FinishedTrial(outcome);
        }
    }
}
