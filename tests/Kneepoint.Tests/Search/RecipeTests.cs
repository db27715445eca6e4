using System.Collections.Immutable;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class RecipeTests
{
    [Fact]
    public void Canonical_text_reads_back_to_the_same_id()
    {
        var recipe = new Recipe([new Step("static-int8", ["a", "b\"ü"], ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            [KeyValuePair.Create("range", "mse"), KeyValuePair.Create("bits", "8")]))]);

        var again = Recipe.Parse(recipe.CanonicalJson);

        Assert.Equal(recipe.CanonicalJson, again.CanonicalJson);
        Assert.Equal(recipe.Id, again.Id);
        Assert.NotEqual(Recipe.Baseline.Id, recipe.Id);
    }
}
