using System.Diagnostics;
using System.Globalization;
using Kneepoint.Search.Space;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>Claim: the planned search reaches in 60 trials what NSGA-II and random search reach in 600 at best. Hypervolume over trials, the same space, one shared store of measured recipes.</summary>
static class SearchCommand
{
    public const string Name = "searches";
    const string Asked = "asked";
    static readonly int[] Marks = [10, 20, 40, 60, 100, 200, 400, 600, 1000];

    /// <summary>Arguments: MODEL DATA STORE OBJECTIVES SEARCH:TRIALS:SEEDS…, such as "m.onnx data.yaml store.db accuracy,fileBytes exact:60:3 random:600:3"; METHODS may follow the objectives after a slash. The search "asked" takes its places from standard input. With a second store after a comma the frontiers are measured on samples that no search saw, too.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, var storeFile, var aims, .. { Length: > 0 } searches])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA STORE[,UNSEEN] OBJECTIVES[/METHODS] SEARCH:TRIALS:SEEDS…, a search one of exact, nsga2, random, {Asked}");
            return 2;
        }

        using var bench = new SearchBench(file, dataPath, storeFile, aims);
        Console.WriteLine(bench.Title);
        var space = bench.Space();
        Describe(space);
        Console.WriteLine($"{"search",-8}{"seed",5}{"trials",8}{"seconds",9}{"new",6}{"unseen",12}  {string.Join("", Marks.Select(mark => $"{mark,12}"))}");
        foreach (string search in searches)
        {
            string[] words = search.Split(':');
            int trials = int.Parse(words[1], CultureInfo.InvariantCulture), seeds = int.Parse(words[2], CultureInfo.InvariantCulture);
            for (int seed = 1; seed <= seeds; seed++)
            {
                if (words[0] == Asked)
                {
                    var clock = Stopwatch.StartNew();
                    int before = bench.Runner.Measured;
                    var (asked, volumes) = AskedSearch.Run(bench, space, trials, Console.In, Console.Out);
                    var time = clock.Elapsed;
                    Row(Asked, seed, trials, volumes, bench.UnseenVolumeOf(asked), time, bench.Runner.Measured - before);
                    continue;
                }

                var result = bench.Run(Enum.Parse<SearchKind>(words[0], ignoreCase: true), trials, seed, Environment.GetEnvironmentVariable("VERBOSE") is null ? null : Tell);
                Row(words[0], seed, trials, result.Volumes, bench.UnseenVolumeOf(result.Trials), result.Time, result.New);
                if (result.Expected.Length > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {result.Expected.Average(trial => trial.IsInside ? 1d : 0):P0} of {result.Expected.Length} losses within their 95 % interval"));
            }
        }

        return 0;
    }

    static void Describe(SearchSpace space)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{space.Table.Groups.Length} groups of layers, {space.Table.Methods.Length} methods, {space.Forms.Length} forms: 10^{space.LogSize:F1} places"));
        foreach (var form in space.Forms) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  form {string.Join(" + ", form.Steps.Select(step => string.Join(' ', step.Options.Select(option => $"{option.Key}={option.Value}").Prepend(step.Method))))}: divergence {form.Loss:F4}"));
    }

    // A search that ended by itself stands where it ended.
    static void Row(string search, int seed, int trials, IReadOnlyList<double> volumes, double? unseen, TimeSpan time, int fresh)
    {
        string row = string.Concat(Marks.Select(mark => mark <= volumes.Count || mark <= trials ? volumes[Math.Min(mark, volumes.Count) - 1].ToString("G7", CultureInfo.InvariantCulture).PadLeft(12) : "".PadLeft(12)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{search,-8}{seed,5}{volumes.Count,8}{time.TotalSeconds,9:F1}{fresh,6}{unseen,12:G7}  {row}"));
    }

    static void Tell(Trial trial, double volume, ExpectedTrial? expected)
    {
        if (expected is not { Planned: var planned }) return;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {trial.Number}: loss {expected.Loss:F4}, expected {planned.Loss.Mean:F4} ± {planned.Loss.Deviation:F4}; bytes {expected.FileBytes}, expected {planned.Costs[0]:F0}; worth {planned.Worth:E2}; form {planned.Genome.Form}{(planned.Genome.IsFitted ? " fitted" : "")}; volume {volume:G6}"));
    }
}
