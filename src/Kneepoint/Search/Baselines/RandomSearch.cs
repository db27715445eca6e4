using System.Collections.Immutable;
using Kneepoint.Search.Space;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Search.Baselines;

/// <summary>Places drawn evenly, each gene on its own: what every other search must beat.</summary>
public static class RandomSearch
{
    // Draws without a new recipe after which the space is taken to be exhausted.
    const int MostRepeats = 10_000;

    /// <summary>A place drawn evenly.</summary>
    internal static Genome Draw(SearchSpace space, Xoshiro256 random) => new([.. space.Values.Select(values => values[random.Below(values.Length)])]);

    /// <summary>The next recipes of the one sequence that belongs to the seed.</summary>
    /// <param name="space">The space.</param>
    /// <param name="count">Recipes wanted.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    /// <param name="seed">Of the draws.</param>
    public static ImmutableArray<Recipe> Next(SearchSpace space, int count, IReadOnlySet<string> known, long seed)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(known);
        var random = new Xoshiro256(seed);
        var proposals = new ProposalList(count, known);
        for (int repeats = 0; !proposals.IsFull && repeats < MostRepeats; repeats++)
        {
            if (proposals.Add(space.RecipeOf(Draw(space, random)))) repeats = 0;
        }

        return proposals.ToImmutable();
    }
}
