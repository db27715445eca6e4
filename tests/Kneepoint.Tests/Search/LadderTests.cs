using System.Collections.Immutable;
using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class LadderTests
{
    static readonly LadderAxis[] Both = [LadderAxis.FileBytes, LadderAxis.Cost];
    static readonly HashSet<string> Nothing = [];

    [Fact]
    public void Uniform_recipes_come_first_then_the_whole_network_then_the_smallest()
    {
        var table = Tables.Of(12, seed: 3);
        var half = new Step("fp16-network", [Step.WholeNetwork], ImmutableSortedDictionary<string, string>.Empty);

        var recipes = Ladder.Propose(table, 20, Both, Nothing, [half]);

        Assert.Equal(["static-int8 *", "static-int8 *", "weight-int4 *", "fp16-network *"],
            recipes.Take(4).Select(recipe => $"{recipe.Steps.Single().Method} {recipe.Steps.Single().Layers.Single()}"));
        double least = table.Groups.Sum(group => group.Choices.Min(choice => choice.FileBytes));
        Assert.Equal(least, table.EstimateOf(recipes[4])!.Value.FileBytes);
    }

    [Fact]
    public void Proposals_are_distinct_and_new_and_no_more_than_wanted() =>
        Gen.Select(Tables.Small, Gen.Int[0, 30], Gen.Int[0, 10]).Sample((table, count, knownCount) =>
        {
            var known = Ladder.Propose(table, knownCount, Both, Nothing).Select(recipe => recipe.Id).ToHashSet();
            var recipes = Ladder.Propose(table, count, Both, known);

            Assert.True(recipes.Length <= count);
            Assert.Equal(recipes.Length, recipes.Select(recipe => recipe.Id).Distinct().Count());
            Assert.DoesNotContain(recipes, recipe => known.Contains(recipe.Id) || recipe.Steps.IsEmpty);
            Assert.Equal(recipes.Select(recipe => recipe.Id), Ladder.Propose(table, count, Both, known).Select(recipe => recipe.Id));
        }, iter: 100);

    [Fact]
    public void No_assignment_beats_a_rung_in_size_and_loss() =>
        Tables.Small.Sample(table =>
        {
            var all = Tables.All(table).Select(assignment => table.EstimateOf(assignment)).ToArray();
            int rungsFrom = table.Methods.Length;
            foreach (var recipe in Ladder.Propose(table, 40, [LadderAxis.FileBytes], Nothing).Skip(rungsFrom))
            {
                var rung = table.EstimateOf(recipe)!.Value;
                Assert.DoesNotContain(all, other => other.FileBytes <= rung.FileBytes && other.Loss < rung.Loss - 1e-9);
            }
        }, iter: 60);

    [Fact]
    public void Rungs_are_spread_evenly_over_the_logarithm_of_the_size()
    {
        var table = Tables.Of(60, seed: 5, most: 100_000);
        double[] sizes = [.. Ladder.Propose(table, 3 + 1 + 15, [LadderAxis.FileBytes], Nothing).Skip(4)
            .Select(recipe => Math.Log(table.EstimateOf(recipe)!.Value.FileBytes)).Order()];

        double[] gaps = [.. sizes.Zip(sizes.Skip(1), (small, large) => large - small)];

        Assert.Equal(15, sizes.Length);
        Assert.InRange(gaps.Max(), 0, 1.5 * gaps.Average());
    }

    [Fact]
    public void What_was_not_measurable_is_never_chosen()
    {
        var sensitivities = new SensitivityTable();
        sensitivities.Set("l2", Tables.Int8, new Sensitivity(double.PositiveInfinity, 0, 5));
        sensitivities.Set("l2", Tables.Mse, new Sensitivity(double.NaN, 0, 5));
        sensitivities.Set("l2", Tables.Int4, new Sensitivity(double.PositiveInfinity, 0, 5));
        var table = Tables.Of(6, seed: 1).With(sensitivities);

        foreach (var recipe in Ladder.Propose(table, 30, Both, Nothing).Skip(table.Methods.Length))
        {
            Assert.Equal(0, table.AssignmentOf(recipe)!.Value[2]);
        }
    }

    [Fact]
    public void Thousand_layers_are_no_burden()
    {
        var table = Tables.Of(1000, seed: 2, most: 1_000_000);

        Assert.Equal(30, Ladder.Propose(table, 30, Both, Nothing).Length);
    }
}
