using System.Collections.Immutable;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class CombinedRecipesTests
{
    static readonly MeasuredRecipe Base = Of(0, 1000);
    static readonly MeasuredRecipe Pruned = Of(0.005, 500, "prune");
    static readonly MeasuredRecipe Broken = Of(0.7, 100, "break");
    static readonly MeasuredRecipe Int8 = Of(0.001, 250, "int8");
    static readonly MeasuredRecipe Int4 = Of(0.004, 130, "int4");

    [Fact]
    public void Combination_that_is_smaller_at_its_loss_than_anything_measured_comes_first()
    {
        var proposed = Propose([], 10);

        Assert.Equal(["prune", "int4"], proposed[0].Steps.Select(step => step.Method));
        Assert.DoesNotContain(proposed, recipe => recipe.Steps[0].Method == "break" && recipe.Equals(proposed[0]));
    }

    [Fact]
    public void What_a_combination_lost_beyond_its_parts_is_expected_of_the_next()
    {
        var whole = Of(0.9, 65, "prune", "int4");

        var proposed = Propose([new CombinedRecipe(whole, Pruned, Int4)], 10);

        Assert.DoesNotContain(proposed, recipe => recipe.Steps[0].Method == "prune");
    }

    [Fact]
    public void What_is_known_or_no_smaller_is_not_proposed()
    {
        var tiny = Of(-0.01, 1, "tiny");

        Assert.Empty(CombinedRecipes.Propose(Base, [Pruned], [Int8, Int4, tiny], [], [LadderAxis.FileBytes], 10,
            new HashSet<string> { new Recipe([.. Pruned.Recipe.Steps, .. tiny.Recipe.Steps]).Id }));
    }

    static ImmutableArray<Recipe> Propose(IReadOnlyList<CombinedRecipe> combined, int count) =>
        CombinedRecipes.Propose(Base, [Pruned, Broken], [Int8, Int4], combined, [LadderAxis.FileBytes], count, combined.Select(one => one.Whole.Recipe.Id).ToHashSet());

    static MeasuredRecipe Of(double loss, double bytes, params string[] methods) => new(
        new Recipe([.. methods.Select(method => new Step(method, ["*"], ImmutableSortedDictionary<string, string>.Empty))]), loss, bytes, bytes);
}
