using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

/// <summary>What every store must hold to; each store derives a class from this one.</summary>
public abstract class StudyStoreContract
{
    static readonly ImmutableSortedDictionary<string, string> NoOptions =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    static readonly ImmutableArray<NamedFigure> Known = [new("fileBytes", 1L << 52), new("latency", 0.1 + 0.2)];

    protected abstract IStudyStore Open();

    [Fact]
    public void Trials_come_back_in_order_and_bit_for_bit()
    {
        TrialOutcome[] outcomes =
        [
            new TrialOutcome.Measured(Figures(), [1, 2, 3, 4]),
            new TrialOutcome.Rejected("Layer 'x' has no constant weight; \"quoted\", ü."),
            new TrialOutcome.Crashed("InvalidOperationException: boom"),
            new TrialOutcome.TimedOut(0.1 + 0.2),
            new TrialOutcome.Dropped("0123456789abcdef", 128, 1000, new Interval(-0.1 - 0.2, -0.9, -double.Epsilon), 0.99, Known),
        ];
        using var store = Open();
        for (int i = 0; i < outcomes.Length; i++)
        {
            Assert.Equal(i + 1, store.Add(RecipeOf($"method-{i}"), outcomes[i], Math.PI * i).Number);
        }

        var trials = store.Trials();

        for (int i = 0; i < outcomes.Length; i++)
        {
            Assert.Equal(i + 1, trials[i].Number);
            Assert.Equal(RecipeOf($"method-{i}").CanonicalJson, trials[i].Recipe.CanonicalJson);
            Assert.Equal(Math.PI * i, trials[i].Seconds);
        }

        var measured = Assert.IsType<TrialOutcome.Measured>(trials[0].Outcome);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, measured.SampleScores);
        Assert.Equal(Figures().Accuracy, measured.Figures.Accuracy);
        Assert.Equal(Figures().AccuracyChange, measured.Figures.AccuracyChange);
        Assert.Equal(Figures().Memory, measured.Figures.Memory);
        Assert.Equal(Figures().Compute, measured.Figures.Compute);
        Assert.Equal(Figures().Findings, measured.Figures.Findings);
        Assert.Equal(Figures().Layers, measured.Figures.Layers);
        var dropped = Assert.IsType<TrialOutcome.Dropped>(trials[^1].Outcome);
        Assert.Equal(Known, dropped.Figures);
        Assert.Equal(outcomes[^1], dropped with { Figures = Known });
        Assert.Equal(outcomes[1..^1], trials.Skip(1).SkipLast(1).Select(trial => trial.Outcome));
    }

    [Fact]
    public void A_recipe_is_stored_once()
    {
        using var store = Open();
        store.Add(Recipe.Baseline, new TrialOutcome.Rejected("first"), 1);

        Assert.Throws<InvalidOperationException>(() => store.Add(Recipe.Baseline, new TrialOutcome.Rejected("second"), 1));
        Assert.Single(store.Trials());
    }

    [Fact]
    public void Threads_that_race_for_recipes_store_each_once()
    {
        using var store = Open();
        int refused = 0;
        Parallel.For(0, 40, i =>
        {
            try
            {
                store.Add(RecipeOf($"method-{i / 2}"), new TrialOutcome.Rejected("raced"), 0);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        });

        Assert.Equal(20, refused);
        Assert.Equal(Enumerable.Range(1, 20), store.Trials().Select(trial => trial.Number));
    }

    [Fact]
    public void The_last_value_of_a_name_is_kept()
    {
        using var store = Open();
        Assert.Null(store.Get("name"));
        store.Put("name", [1, 2]);
        store.Put("name", [3]);
        store.Put("empty", []);

        Assert.Equal(new byte[] { 3 }, store.Get("name"));
        Assert.Equal([], store.Get("empty")!);
    }

    protected static Recipe RecipeOf(string method) => new([new Step(method, ["layer"], NoOptions)]);

    static Measured Figures() => new(
        new Interval(0.1 + 0.2, double.Epsilon, Math.BitIncrement(1)), new Interval(double.NaN, double.NegativeInfinity, -0.0),
        new MemoryFigures(long.MaxValue, null, 1, 2, 3), new ComputeFigures(4, 5, new Interval(1e-300, 1, 2), null),
        [new Finding("code", FindingSeverity.Warning, "A sentence, with ü and \"quotes\".")])
    {
        Layers = [new LayerTreatment("layer", "static-int8", 8, 8, true), new LayerTreatment("other", "float", 32, 32, null)],
    };
}

public sealed class InMemoryStudyStoreTests : StudyStoreContract
{
    protected override IStudyStore Open() => new InMemoryStudyStore();
}
