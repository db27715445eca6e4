using System.Globalization;
using Kneepoint.Search.Space;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>Claim: where a space is small enough to measure all of it, the planned search finds 99 % of the volume of the true frontier with a tenth of the measurements.</summary>
static class SmallSpacesCommand
{
    public const string Name = "small-spaces";
    const double Share = 0.1;
    const int MostRecipes = 10_000;

    /// <summary>Arguments: MODEL DATA STORE OBJECTIVES/METHODS LAYERS SEEDS, such as "m.onnx data.yaml store.db accuracy,fileBytes/weight-int8,weight-int4,weight-int2 5 3": the 5 layers with the most weights, three seeds.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, var storeFile, var aims, var layers, var seeds])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA STORE OBJECTIVES/METHODS LAYERS SEEDS");
            return 2;
        }

        using var bench = new SearchBench(file, dataPath, storeFile, aims, int.Parse(layers, CultureInfo.InvariantCulture));
        Console.WriteLine(bench.Title);
        var space = bench.Space();
        foreach (var (group, values) in space.Table.Groups.Zip(space.Values[Genome.NetworkGenes..]).Where(pair => pair.Second.Length > 1))
        {
            Console.WriteLine($"  {string.Join(' ', group.Layers)}: {string.Join(", ", values.Select(value => group.Choices[value].Method))}");
        }

        if (space.LogSize > Math.Log10(MostRecipes)) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The space holds 10^{space.LogSize:F1} recipes; at most {MostRecipes} can be measured."));
        Trial[] all = [.. All(space).Select(space.RecipeOf).DistinctBy(recipe => recipe.Id).Select((recipe, i) => new Trial(i + 1, recipe, bench.Runner.Run(recipe, CancellationToken.None), 0))];
        var truth = ParetoView.Of(all, bench.Objectives);
        int trials = (int)(all.Length * Share);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all.Length} recipes measured, {all.Count(trial => trial.Outcome is not TrialOutcome.Measured)} of them failed; frontier of {truth.Frontier.Length}, volume {truth.Volume:G7}; searches make at most {trials} trials"));
        Console.WriteLine($"{"search",-8}{"seed",5}{"trials",8}{"probes",8}{"volume",12}{"of all",9}{"on the frontier",17}");
        foreach (var kind in (SearchKind[])[SearchKind.Exact, SearchKind.Nsga2, SearchKind.Random])
        {
            for (int seed = 1; seed <= int.Parse(seeds, CultureInfo.InvariantCulture); seed++)
            {
                var found = bench.Run(kind, trials, seed);
                int hits = found.Trials.Count(trial => truth.Frontier.Contains(trial.Recipe.Id));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant(),-8}{seed,5}{found.Trials.Length,8}{found.Probed,8}{found.Volumes[^1],12:G7}{found.Volumes[^1] / truth.Volume,9:F4}{hits,17}"));
            }
        }

        return 0;
    }

    // Every place, the last gene fastest.
    static IEnumerable<Genome> All(SearchSpace space) => space.Values.Aggregate<System.Collections.Immutable.ImmutableArray<int>, IEnumerable<Genome>>([new Genome([])],
        (places, values) => places.SelectMany(place => values.Select(value => new Genome(place.Genes.Add(value)))));
}
