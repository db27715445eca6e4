using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Recipes in the order in which they were proposed, each once, none that is known, no more than wanted.</summary>
sealed class ProposalList(int most, IReadOnlySet<string> known)
{
    readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    readonly ImmutableArray<Recipe>.Builder _recipes = ImmutableArray.CreateBuilder<Recipe>();

    public int Count => _recipes.Count;

    public bool IsFull => _recipes.Count >= most;

    /// <summary>Adds a recipe.</summary>
    /// <returns>False if there is no room, or it is known, the baseline, or in the list.</returns>
    public bool Add(Recipe recipe)
    {
        if (IsFull || recipe.Steps.IsEmpty || known.Contains(recipe.Id) || !_ids.Add(recipe.Id)) return false;
        _recipes.Add(recipe);
        return true;
    }

    public ImmutableArray<Recipe> ToImmutable() => _recipes.ToImmutable();
}
