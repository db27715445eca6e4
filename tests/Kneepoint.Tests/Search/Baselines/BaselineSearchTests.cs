using Kneepoint.Pareto;
using Kneepoint.Search;
using Kneepoint.Search.Baselines;
using Kneepoint.Tests.Search.Space;

namespace Kneepoint.Tests.Search.Baselines;

public sealed class BaselineSearchTests
{
    static double[] Measure(SyntheticNetwork network, Recipe recipe)
    {
        var (loss, bytes) = network.Measure(network.Space.GenomeOf(recipe)!.Value);
        return [loss, bytes];
    }

    static Dictionary<string, double[]> Evolve(SyntheticNetwork network, int trials, long seed)
    {
        var results = new Dictionary<string, double[]> { [Recipe.Baseline.Id] = [0, network.BaselineBytes] };
        while (results.Count < trials && Nsga2.Next(network.Space, results, seed) is { IsEmpty: false } next)
        {
            foreach (var recipe in next.Take(trials - results.Count)) results.Add(recipe.Id, Measure(network, recipe));
        }

        return results;
    }

    [Fact]
    public void Random_recipes_are_new_distinct_and_the_seeds()
    {
        var space = Spaces.Of(5, 3);
        var first = RandomSearch.Next(space, 20, new HashSet<string>(), 7);
        var rest = RandomSearch.Next(space, 10, first.Take(10).Select(recipe => recipe.Id).ToHashSet(), 7);

        Assert.Equal(20, first.Distinct().Count());
        Assert.Equal(first.Skip(10), rest);
        Assert.NotEqual(first, RandomSearch.Next(space, 20, new HashSet<string>(), 8));
    }

    [Fact]
    public void Random_search_ends_where_the_space_does()
    {
        var space = Spaces.Of(1, 3);

        Assert.InRange(RandomSearch.Next(space, 1000, new HashSet<string>(), 1).Length, 5, 9);
    }

    [Fact]
    public void Evolution_beats_chance_with_the_same_trials()
    {
        int wins = 0;
        for (int seed = 1; seed <= 10; seed++)
        {
            var network = new SyntheticNetwork(12, seed);
            var evolved = Evolve(network, 300, seed);
            var drawn = RandomSearch.Next(network.Space, 300, new HashSet<string>(), seed).Select(recipe => Measure(network, recipe)).Append([0, network.BaselineBytes]);
            if (network.VolumeOf(evolved.Values) > network.VolumeOf(drawn)) wins++;
        }

        Assert.True(wins >= 9, $"{wins} of 10");
    }

    [Fact]
    public void An_interrupted_evolution_goes_on_as_if_nothing_had_happened()
    {
        var network = new SyntheticNetwork(6, 1);
        var whole = Evolve(network, 150, 5);
        var part = new Dictionary<string, double[]>(whole.Take(100));
        var next = Nsga2.Next(network.Space, part, 5);

        Assert.Equal(whole.Keys.Skip(100).Take(next.Length), next.Take(whole.Count - 100).Select(recipe => recipe.Id).Take(next.Length));
    }

    [Fact]
    public void A_recipe_that_failed_does_not_survive()
    {
        var network = new SyntheticNetwork(6, 1);
        var results = Evolve(network, 41, 5);
        var failed = results.Keys.Skip(1).Take(20).ToList();
        foreach (string id in failed) results[id] = [double.PositiveInfinity, double.PositiveInfinity];

        Assert.NotEmpty(Nsga2.Next(network.Space, results, 5));
        Assert.DoesNotContain(NondominatedFilter.Mask([.. failed.SelectMany(id => results[id]), 0, 1], 2)[..^1], isFront => isFront);
    }

    [Theory]
    [InlineData(10, 8)]
    [InlineData(40, 10)]
    [InlineData(100, 24)]
    [InlineData(600, 40)]
    public void Few_trials_have_small_generations_so_that_there_are_several(int trials, int population) => Assert.Equal(population, Nsga2.PopulationFor(trials));
}
