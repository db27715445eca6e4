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

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"steps":7}""")]
    [InlineData("""{"steps":[{"method":null,"layers":[]}]}""")]
    [InlineData("""{"steps":[{"method":"m","layers":[1]}]}""")]
    [InlineData("""{"steps":[{"method":"m","layers":[],"options":{"a":"1","a":"2"}}]}""")]
    [InlineData("""{"steps":[{"method":"\ud800","layers":[]}]}""")]
    public void Bug_a_text_that_is_no_recipe_was_not_always_a_format_error(string text) =>
        Assert.Throws<FormatException>(() => Recipe.Parse(text));
}
