using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class LadderRefinementTests
{
    static readonly LadderAxis[] Bytes = [LadderAxis.FileBytes];

    [Fact]
    public void Recipe_for_the_largest_gap_lies_inside_it()
    {
        var table = Tables.Of(40, seed: 4, most: 100_000);
        var measured = Measure(table, [.. Ladder.Propose(table, 4, Bytes, None())]);

        var next = LadderRefinement.Propose(table, measured, 1, Bytes, [], Known(measured)).Single();

        var frontier = Frontier(measured);
        double size = True(table, next).FileBytes;
        static double Felt(double loss) => loss / (Math.Abs(loss) + 0.02);
        var (large, small) = frontier.Zip(frontier.Skip(1)).MaxBy(pair => Math.Log(pair.First.FileBytes / pair.Second.FileBytes) * (Felt(pair.Second.Loss) - Felt(pair.First.Loss)));
        Assert.InRange(size, small.FileBytes, large.FileBytes);
    }

    [Fact]
    public void Losses_that_nobody_would_accept_do_not_take_the_trials()
    {
        var table = Tables.Of(10, seed: 1, most: 1000);
        MeasuredRecipe[] measured = [new(Recipe.Baseline, 0, 100, 1), new(Recipe.Baseline, 0.03, 60, 1), new(Recipe.Baseline, 0.5, 40, 1)];

        var gaps = new MeasuredLadder(table, LadderAxis.FileBytes, measured).Gaps(0.01).ToArray();

        Assert.Equal(2, gaps.Length);
        Assert.True(gaps[0].Area > 2 * gaps[1].Area);
    }

    [Fact]
    public void Refining_again_and_again_closes_in_on_a_budget()
    {
        var table = Tables.Of(30, seed: 9, most: 100_000);
        double budget = table.Groups.Sum(group => group.Choices[0].FileBytes) * 0.31;
        var measured = Measure(table, [.. Ladder.Propose(table, 3, Bytes, None())]);
        for (int i = 0; i < 8; i++)
        {
            var next = LadderRefinement.Propose(table, measured, 2, Bytes, [new SearchGoal(SearchGoalKind.FileBytes, budget)], Known(measured));
            measured = [.. measured, .. Measure(table, [.. next]).Skip(1)];
        }

        double best = measured.Where(m => m.FileBytes <= budget).Min(m => m.Loss);
        var rungs = new LadderRungs(table, LadderAxis.FileBytes);
        double possible = table.EstimateOf(rungs.AtSize(budget / 1.1)!.Value).Loss;
        Assert.InRange(best, 0, possible * 1.05);
    }

    [Fact]
    public void Refining_again_and_again_closes_in_on_a_loss()
    {
        var table = Tables.Of(30, seed: 10, most: 100_000);
        var rungs = new LadderRungs(table, LadderAxis.FileBytes);
        var measured = Measure(table, [.. Ladder.Propose(table, 3, Bytes, None())]);
        double limit = measured.Max(m => m.Loss) * 0.02;
        for (int i = 0; i < 14; i++)
        {
            var next = LadderRefinement.Propose(table, measured, 1, Bytes, [new SearchGoal(SearchGoalKind.Loss, limit)], Known(measured));
            measured = [.. measured, .. Measure(table, [.. next]).Skip(1)];
        }

        double best = measured.Where(m => m.Loss <= limit).Min(m => m.FileBytes);
        double possible = Enumerable.Range(1, 1000).Select(i => rungs.AtFraction(i / 1000d)!.Value).Where(a => table.EstimateOf(a).Loss <= limit).Min(a => 1.1 * table.EstimateOf(a).FileBytes);
        Assert.InRange(best, 0, possible * 1.05);
    }

    [Fact]
    public void Proposals_are_new_distinct_and_end() =>
        Tables.Small.Sample(table =>
        {
            var measured = Measure(table, [.. Ladder.Propose(table, 3, Bytes, None())]);
            int rounds = 0;
            while (LadderRefinement.Propose(table, measured, 5, Bytes, [new SearchGoal(SearchGoalKind.Loss, 1)], Known(measured)) is { Length: > 0 } next)
            {
                Assert.Equal(next.Length, next.Select(recipe => recipe.Id).Distinct().Count());
                Assert.DoesNotContain(next, recipe => Known(measured).Contains(recipe.Id));
                measured = [.. measured, .. Measure(table, [.. next]).Skip(1)];
                Assert.InRange(rounds++, 0, 1100);
            }
        }, iter: 30);

    [Fact]
    public void Without_a_frontier_there_is_no_gap()
    {
        var table = Tables.Of(5, seed: 1);

        Assert.Empty(LadderRefinement.Propose(table, [], 5, Bytes, [], None()));
        Assert.Empty(LadderRefinement.Propose(table, [new MeasuredRecipe(Recipe.Baseline, 0, 100, double.NaN)], 5, Bytes, [], None()));
    }

    // The truth differs from the estimate: a tenth more bytes.
    static Estimate True(ChoiceTable table, Recipe recipe)
    {
        var estimate = table.EstimateOf(recipe)!.Value;
        return estimate with { FileBytes = 1.1 * estimate.FileBytes };
    }

    static MeasuredRecipe[] Measure(ChoiceTable table, Recipe[] recipes) => [.. recipes.Prepend(Recipe.Baseline).Select(recipe =>
    {
        var truth = True(table, recipe);
        return new MeasuredRecipe(recipe, truth.Loss, truth.FileBytes, truth.Cost);
    })];

    static MeasuredRecipe[] Frontier(MeasuredRecipe[] measured) =>
        [.. measured.Where(m => !measured.Any(o => o.Loss <= m.Loss && o.FileBytes <= m.FileBytes && o != m)).OrderBy(m => m.Loss)];

    static HashSet<string> None() => [];

    static HashSet<string> Known(IEnumerable<MeasuredRecipe> measured) => [.. measured.Select(m => m.Recipe.Id)];
}
