using CsCheck;
using Kneepoint.Search;
using Kneepoint.Search.Models;

namespace Kneepoint.Tests.Search.Models;

public sealed class OptionPruningTests
{
    static readonly Gen<(ChoiceTable Table, double[][] Times)> Cases =
        from table in Tables.Small
        from seed in Gen.Int[0, 1000]
        select (table, TimesOf(table, new Random(seed)));

    [Fact]
    public void What_is_pruned_is_no_better_in_anything_than_what_dominates_it() =>
        Cases.Sample(given =>
        {
            foreach (var pruned in OptionPruning.Of(given.Table, given.Times))
            {
                var choices = given.Table.Groups[pruned.Group].Choices;
                double[] times = given.Times[pruned.Group];
                Assert.True(choices[pruned.DominatedBy].FileBytes <= choices[pruned.Choice].FileBytes);
                Assert.True(choices[pruned.DominatedBy].Loss <= choices[pruned.Choice].Loss);
                Assert.True(times[pruned.DominatedBy] <= times[pruned.Choice]);
            }
        });

    [Fact]
    public void Pruning_leaves_every_frontier_as_it_is() =>
        Cases.Sample(given =>
        {
            var pruned = OptionPruning.Of(given.Table, given.Times, tolerance: 0).Select(option => (option.Group, option.Choice)).ToHashSet();
            for (int group = 0; group < given.Table.Groups.Length; group++)
            {
                var choices = given.Table.Groups[group].Choices;
                double[] times = given.Times[group];
                int[] left = [.. Enumerable.Range(0, choices.Length).Where(choice => !pruned.Contains((group, choice)))];
                Assert.NotEmpty(left);
                foreach (int choice in Enumerable.Range(0, choices.Length))
                {
                    Assert.Contains(left, other => choices[other].FileBytes <= choices[choice].FileBytes && choices[other].Loss <= choices[choice].Loss && times[other] <= times[choice]);
                }
            }
        });

    [Fact]
    public void Reason_says_how_much_slower_and_larger()
    {
        var table = ChoiceTable.Of(["a"], [new LayerChoice("a", LayerMethod.Keep, 4000, 0, 0), new LayerChoice("a", Tables.Int8, 1000, 0, 0.1), new LayerChoice("a", Tables.Int4, 2000, 0, 0.25)]);

        var pruned = Assert.Single(OptionPruning.Of(table, [[1.0, 0.5, 0.9]]));

        Assert.Equal((0, 2, 1), (pruned.Group, pruned.Choice, pruned.DominatedBy));
        Assert.Equal("'weight-int4' on 'a' takes 1.80 times as long as 'static-int8' at 2.00 times the bytes, and is expected to lose 0.25 against 0.1.", pruned.Reason);
    }

    [Theory]
    [InlineData(0.95, 0)]
    [InlineData(0.85, 1)]
    public void Lead_in_time_alone_counts_where_it_is_larger_than_profiles_are_off(double time, int expected)
    {
        var table = ChoiceTable.Of(["a"], [new LayerChoice("a", Tables.Int8, 1000, 0, 0.1), new LayerChoice("a", Tables.Mse, 1000, 0, 0.1)]);

        Assert.Equal(expected, OptionPruning.Of(table, [[1.0, time]]).Length);
    }

    [Fact]
    public void What_loses_less_stays_however_slow_and_large_it_is()
    {
        var table = ChoiceTable.Of(["a"], [new LayerChoice("a", LayerMethod.Keep, 4000, 0, 0), new LayerChoice("a", Tables.Int8, 1000, 0, 0.1)]);

        Assert.Empty(OptionPruning.Of(table, [[2.0, 1.0]]));
    }

    [Fact]
    public void Unknown_time_neither_prunes_nor_is_pruned()
    {
        var table = ChoiceTable.Of(["a"], [new LayerChoice("a", LayerMethod.Keep, 4000, 0, 0), new LayerChoice("a", Tables.Int8, 5000, 0, 0.1)]);

        Assert.Empty(OptionPruning.Of(table, [[1.0, double.NaN]]));
        Assert.Empty(OptionPruning.Of(table, [[double.NaN, 1.0]]));
    }

    static double[][] TimesOf(ChoiceTable table, Random random) => [.. table.Groups.Select(group => group.Choices.Select(_ => 0.5 + random.Next(4) / 2.0).ToArray())];
}
