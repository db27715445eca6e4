using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class RivalsTests
{
    static readonly ExplorationSettings Counted = new() { Objectives = ["accuracy", "fileBytes", "macs"] };

    [Fact]
    public void The_rival_is_the_most_accurate_of_those_that_cost_no_more()
    {
        var rivals = Of(Counted, (0.9, 100, 100), (0.8, 50, 100), (0.85, 50, 90), (0.7, 10, 10));

        Assert.Equal(Id(0), Against(rivals, 100, 100));
        Assert.Equal(Id(2), Against(rivals, 99, 100));
        Assert.Equal(Id(2), Against(rivals, 50, 90));
        Assert.Equal(Id(3), Against(rivals, 49, 1000));
        Assert.Null(Against(rivals, 9, 1000));
    }

    [Fact]
    public void Of_equals_the_first_is_the_rival() => Assert.Equal(Id(0), Against(Of(Counted, (0.8, 50, 100), (0.8, 40, 90)), 60, 100));

    [Fact]
    public void What_a_budget_is_about_counts_as_well()
    {
        var objectives = new ExplorationSettings { Objectives = ["accuracy", "fileBytes"] };
        var budgeted = objectives with { Budgets = [Budget.Of("--max-macs", 1, metricIsMaximized: true), Budget.Of("--max-drop", 0.1, metricIsMaximized: true)] };

        Assert.Equal(Id(0), Against(Of(objectives, (0.9, 100, 100)), 100, 99));
        Assert.Null(Against(Of(budgeted, (0.9, 100, 100)), 100, 99));
    }

    [Fact]
    public void Where_time_decides_nothing_is_raced_unless_asked_for()
    {
        var timed = new ExplorationSettings { Objectives = ["accuracy", "fileBytes", "latency"] };

        Assert.NotNull(Of(Counted).Meet(RecipeOf(1)));
        Assert.Null(Of(timed).Meet(RecipeOf(1)));
        Assert.Null(Of(Counted with { Budgets = [Budget.Of("--max-latency", 1, metricIsMaximized: true)] }).Meet(RecipeOf(1)));
        Assert.NotNull(Of(timed with { Racing = Racing.Always }).Meet(RecipeOf(1)));
        Assert.Null(Of(Counted with { Racing = Racing.Never }).Meet(RecipeOf(1)));
    }

    [Fact]
    public void The_baseline_and_figures_that_are_no_proportions_are_not_raced()
    {
        Assert.Null(Of(Counted).Meet(Recipe.Baseline));
        foreach (IMetric metric in new IMetric[] { new AreaUnderCurve("y"), new F1("y"), new NegativeLogLikelihood("y"), new SquaredError("y"), new TokenAccuracy("y"), new OutputSqnr() })
        {
            Assert.Null(new Rivals(metric, Counted).Meet(RecipeOf(1)));
        }
    }

    [Fact]
    public void Each_recipe_and_each_seed_has_an_order_of_its_own()
    {
        long[] seeds = [.. Enumerable.Range(0, 20).SelectMany(i => new[] { 1, 2 }.Select(seed => Of(Counted with { Seed = seed }).Meet(RecipeOf(i))!.Seed))];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
        Assert.Equal(seeds[0], Of(Counted with { Seed = 1 }).Meet(RecipeOf(0))!.Seed);
    }

    static string? Against(Rivals rivals, long bytes, long macs) => rivals.Against(Figures(double.NaN, bytes, macs))?.Id;

    static Rivals Of(ExplorationSettings settings, params (double Accuracy, long Bytes, long Macs)[] measured)
    {
        var rivals = new Rivals(new TopK(1, "y"), settings);
        for (int i = 0; i < measured.Length; i++)
        {
            rivals.Add(RecipeOf(i), new TrialOutcome.Measured(Figures(measured[i].Accuracy, measured[i].Bytes, measured[i].Macs), new SampleScores([1, 0], 1).ToBytes()));
        }

        return rivals;
    }

    static string Id(int index) => RecipeOf(index).Id;

    static Recipe RecipeOf(int index) => new([new Step($"method-{index}", ["layer"], ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal))]);

    static Measured Figures(double accuracy, long bytes, long macs) => new(new Interval(accuracy, accuracy, accuracy), default,
        new MemoryFigures(bytes, null, 1, 1, null), new ComputeFigures(macs, 1, null, null), []);
}
