using System.Collections.Immutable;
using Kneepoint.Pareto;
using Kneepoint.Search.Space;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Search.Baselines;

/// <summary>The evolutionary search NSGA-II, by the book.</summary>
/// <remarks>
/// Parents are chosen by tournaments of two: the better front wins, then the larger crowding distance. Children take each gene from one of two parents (uniform crossover, 0.9) and draw each gene anew with probability 1/genes. Of parents
/// and children together the best fronts survive, the last one by crowding. Children whose recipe was measured before take that result and cost no trial.
/// There is no state: every call plays all generations again from the seed and the results, so an interrupted search goes on as if nothing had happened.
/// Source: [Deb2002].
/// </remarks>
public static class Nsga2
{
    const int UsualPopulation = 40, LeastPopulation = 8, LeastGenerations = 4;

    const double Crossover = 0.9;

    // Generations without a new recipe after which the search is taken to be at its end.
    const int MostIdle = 50;

    /// <summary>Places of a generation: 40, and fewer where the trials would not last for four generations, down to 8.</summary>
    /// <param name="trials">Trials in all.</param>
    public static int PopulationFor(int trials) => Math.Clamp(trials / LeastGenerations / 2 * 2, LeastPopulation, UsualPopulation);

    /// <summary>The recipes whose results the search waits for.</summary>
    /// <param name="space">The space.</param>
    /// <param name="results">Objectives of each recipe tried, all to be made small, by id; infinite for those that failed.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="population">Places of a generation, at least 2.</param>
    /// <returns>What is missing of the current generation; none where the search is at its end.</returns>
    public static ImmutableArray<Recipe> Next(SearchSpace space, IReadOnlyDictionary<string, double[]> results, long seed, int population = UsualPopulation)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(results);
        var random = new Xoshiro256(seed);
        Individual[] parents = [.. Enumerable.Range(0, population).Select(_ => Individual.Of(space, RandomSearch.Draw(space, random)))];
        if (Missing(parents, results) is { IsEmpty: false } first) return first;
        parents = Survivors(parents, results, population);
        var seen = parents.Select(parent => parent.Id).ToHashSet(StringComparer.Ordinal);
        for (int idle = 0; idle < MostIdle; idle++)
        {
            Individual[] children = [.. Enumerable.Range(0, population).Select(_ => Individual.Of(space, Child(space, Tournament(parents, random), Tournament(parents, random), random)))];
            if (Missing(children, results) is { IsEmpty: false } missing) return missing;
            int before = seen.Count;
            seen.UnionWith(children.Select(child => child.Id));
            if (seen.Count > before) idle = 0;
            parents = Survivors([.. parents, .. children], results, population);
        }

        return [];
    }

    static ImmutableArray<Recipe> Missing(Individual[] individuals, IReadOnlyDictionary<string, double[]> results) =>
        [.. individuals.Where(individual => !individual.Recipe.Steps.IsEmpty && !results.ContainsKey(individual.Id)).Select(individual => individual.Recipe).DistinctBy(recipe => recipe.Id)];

    // Parents are ordered: the earlier, the better.
    static Individual Tournament(Individual[] ordered, Xoshiro256 random) => ordered[Math.Min(random.Below(ordered.Length), random.Below(ordered.Length))];

    static Genome Child(SearchSpace space, Individual one, Individual other, Xoshiro256 random)
    {
        bool isCrossed = random.NextDouble() < Crossover;
        double rate = 1.0 / space.GeneSizes.Length;
        return new([.. one.Genome.Genes.Select((gene, i) =>
        {
            int inherited = isCrossed && random.Below(2) == 1 ? other.Genome.Genes[i] : gene;
            return random.NextDouble() < rate ? space.Values[i][random.Below(space.Values[i].Length)] : inherited;
        })]);
    }

    // The best of all, best first: by front, then by crowding.
    static Individual[] Survivors(Individual[] all, IReadOnlyDictionary<string, double[]> results, int population)
    {
        // The same recipe twice would crowd out others.
        Individual[] distinct = [.. all.DistinctBy(individual => individual.Id)];
        double[][] figures = [.. distinct.Select(individual => results[individual.Id])];
        int m = figures[0].Length;
        var ordered = new List<Individual>();
        var left = Enumerable.Range(0, distinct.Length).ToList();
        while (left.Count > 0 && ordered.Count < population)
        {
            bool[] mask = NondominatedFilter.Mask(left.SelectMany(i => figures[i]).ToArray(), m);
            int[] front = [.. left.Where((_, place) => mask[place])];
            double[] crowding = Crowding([.. front.Select(i => figures[i])], m);
            ordered.AddRange(front.Select((i, place) => (Index: i, Distance: crowding[place])).OrderByDescending(entry => entry.Distance).ThenBy(entry => entry.Index).Select(entry => distinct[entry.Index]));
            left.RemoveAll(i => front.Contains(i));
        }

        return [.. ordered.Take(population)];
    }

    // For each objective the distance between both neighbors, as a share of the front's extent; the ends are infinitely far.
    static double[] Crowding(double[][] front, int objectives)
    {
        double[] distances = new double[front.Length];
        int[] order = [.. Enumerable.Range(0, front.Length)];
        for (int k = 0; k < objectives; k++)
        {
            int objective = k;
            Array.Sort(order, (a, b) => front[a][objective].CompareTo(front[b][objective]) is not 0 and var by ? by : a.CompareTo(b));
            double extent = front[order[^1]][k] - front[order[0]][k];
            distances[order[0]] = distances[order[^1]] = double.PositiveInfinity;
            for (int i = 1; i < order.Length - 1; i++)
            {
                double between = (front[order[i + 1]][k] - front[order[i - 1]][k]) / extent;
                if (!double.IsNaN(between)) distances[order[i]] += between;
            }
        }

        return distances;
    }

    sealed record Individual(Genome Genome, Recipe Recipe)
    {
        public string Id => Recipe.Id;

        public static Individual Of(SearchSpace space, Genome genome) => new(genome, space.RecipeOf(genome));
    }
}
