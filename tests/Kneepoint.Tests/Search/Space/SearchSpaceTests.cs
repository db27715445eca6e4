using System.Collections.Immutable;
using CsCheck;
using Kneepoint.Search;
using Kneepoint.Search.Space;

namespace Kneepoint.Tests.Search.Space;

public sealed class SearchSpaceTests
{
    static readonly Gen<(SearchSpace Space, Genome Genome)> Places = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 1000]).SelectMany((layers, seed) =>
    {
        var space = Spaces.Of(layers, seed);
        return Gen.Int[0, 1_000_000].Array[space.GeneSizes.Length].Select(draws => (space, new Genome([.. draws.Select((draw, gene) => draw % space.GeneSizes[gene])])));
    });

    [Fact]
    public void The_place_of_a_recipe_makes_the_same_recipe() => Places.Sample(given =>
    {
        var recipe = given.Space.RecipeOf(given.Genome);
        var found = given.Space.GenomeOf(recipe);

        Assert.NotNull(found);
        Assert.Equal(recipe, given.Space.RecipeOf(found.Value));
    });

    [Fact]
    public void Fitting_in_succession_changes_nothing_where_nothing_is_rounded_by_data()
    {
        var space = Spaces.Of(2, 1);
        var kept = new Genome(0, true, [0, 0]);

        Assert.False(space.IsFittable(kept));
        Assert.Equal(Recipe.Baseline, space.RecipeOf(kept));
    }

    [Fact]
    public void A_recipe_of_another_kind_has_no_place()
    {
        var space = Spaces.Of(2, 1);

        Assert.Null(space.GenomeOf(new Recipe([new Step("nobody-knows", ["*"], ImmutableSortedDictionary<string, string>.Empty)])));
        Assert.Null(space.GenomeOf(new Recipe([new Step("static-int8", ["l0", "l9"], ImmutableSortedDictionary<string, string>.Empty)])));
    }

    [Fact]
    public void A_form_before_the_network_as_it_is_is_refused() =>
        Assert.Throws<ArgumentException>(() => new SearchSpace(Tables.Of(2, 1), [new NetworkForm([Spaces.Prune], 0.1, [1, 1])], []));
}
