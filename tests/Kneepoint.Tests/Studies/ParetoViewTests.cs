using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class ParetoViewTests
{
    [Fact]
    public void Bug_of_two_variants_equal_in_the_objectives_the_network_of_one_was_deleted_though_both_are_on_the_frontier()
    {
        Trial[] trials = [Of(1, 0.9, 100, latency: 5), Of(2, 0.9, 100, latency: 6), Of(3, 0.8, 200, latency: 7)];
        string[] objectives = ["accuracy", "fileBytes"];

        var frontier = ParetoView.Of(trials, [.. objectives.Select(name => Objective.Of(name, true))]).Frontier;
        var kept = ParetoView.WorthKeeping(trials, true, objectives);

        Assert.Equal([trials[0].Recipe.Id, trials[1].Recipe.Id], frontier);
        Assert.Subset(kept.ToHashSet(), frontier.ToHashSet());
        Assert.DoesNotContain(trials[2].Recipe.Id, kept);
    }

    [Fact]
    public void What_is_best_in_a_figure_that_is_no_objective_is_kept()
    {
        Trial[] trials = [Of(1, 0.9, 100, latency: 5), Of(2, 0.8, 200, latency: 1)];

        Assert.Equal(2, ParetoView.WorthKeeping(trials, true, ["accuracy", "fileBytes"]).Count);
    }

    static Trial Of(int number, double accuracy, long bytes, double latency)
    {
        var recipe = new Recipe([new Step("weight-int8", [$"layer{number}"], ImmutableSortedDictionary<string, string>.Empty)]);
        var figures = new Measured(new Interval(accuracy, accuracy, accuracy), new Interval(0, 0, 0), new MemoryFigures(bytes, null, bytes, 1, null),
            new ComputeFigures(1, 1, new Interval(latency, latency, latency), null), []);
        return new Trial(number, recipe, new TrialOutcome.Measured(figures, []), 1);
    }
}
