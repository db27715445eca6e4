using System.Diagnostics;
using System.Globalization;
using Kneepoint.Pareto.Choices;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Benchmarks.Choices;

/// <summary>Claim: tables of hundreds of layers are solved under one to three budgets to a proven optimum, in less than a tenth of a second as a rule.</summary>
/// <remarks>The instances can be written to text files, so that another solver can be timed on the same ones: groups, budgets; the limits; then for each group its number of options and one line for each, loss and costs.</remarks>
static class ChoicesCommand
{
    public const string Name = "choices";
    const int Seeds = 3;
    const int Repeats = 3;
    const int MostNodes = 1_000_000;

    static readonly (string Family, int Groups, int Options, int Budgets)[] Sizes =
    [
        ("random", 60, 12, 2), ("random", 150, 12, 2), ("random", 200, 12, 2), ("random", 60, 30, 2), ("random", 20, 6, 2), ("random", 200, 12, 1), ("random", 200, 12, 3),
        ("bits", 60, 12, 2), ("bits", 150, 12, 2), ("bits", 200, 12, 2), ("bits", 60, 30, 2), ("bits", 20, 6, 2), ("bits", 200, 12, 1), ("bits", 200, 12, 3),
        ("ratios", 60, 12, 2), ("ratios", 150, 12, 2), ("ratios", 200, 12, 2), ("ratios", 60, 30, 2), ("ratios", 20, 6, 2), ("ratios", 200, 12, 1), ("ratios", 200, 12, 3),
        ("weak", 20, 6, 2), ("weak", 60, 12, 1), ("weak", 60, 12, 2), ("weak", 200, 12, 2),
        ("shapes", 48, 6, 1), ("shapes", 48, 6, 2), ("shapes", 200, 12, 1), ("shapes", 200, 12, 2),
        ("correlated", 20, 6, 1), ("correlated", 20, 6, 2), ("correlated", 60, 12, 1), ("correlated", 60, 12, 2),
    ];

    /// <summary>Arguments: [folder to write the instances to].</summary>
    public static int Run(string[] args)
    {
        Console.WriteLine($"{"family",-12}{"groups",8}{"options",8}{"budgets",8}{"seed",6}{"ms",10}{"nodes",9}{"loss",24}{"relaxed gap %",16}{"gap %",12}  proven");
        foreach (var (family, groups, options, budgets) in Sizes)
        {
            for (int seed = 1; seed <= Seeds; seed++)
            {
                var (table, limits) = Instance(family, groups, options, budgets, seed);
                if (args is [var folder]) Write(Path.Combine(folder, $"{family}-{groups}x{options}-{budgets}-{seed}.txt"), table, limits);
                double least = double.PositiveInfinity;
                ChoiceOptimum? found = null;
                for (int i = 0; i < Repeats; i++)
                {
                    var clock = Stopwatch.StartNew();
                    found = ChoiceOptimum.Of(table, limits, MostNodes);
                    least = Math.Min(least, clock.Elapsed.TotalMilliseconds);
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{family,-12}{groups,8}{options,8}{budgets,8}{seed,6}{least,10:F2}{found!.Nodes,9}{found.Loss,24:R}{found.RelaxedGapPercent,16:E2}{found.GapPercent,12:E1}  {found.IsOptimal}"));
            }
        }

        Console.WriteLine();
        Console.WriteLine("infeasible budgets of 200 x 12: the first at half of the least costs, the second 5 % above them");
        foreach (string family in new[] { "random", "bits", "ratios" })
        {
            for (int seed = 1; seed <= Seeds; seed++)
            {
                var (table, _) = Instance(family, 200, 12, 2, seed);
                double[] limits = [.. Enumerable.Range(0, 2).Select(j => Math.Floor(table.Sum(group => group.Min(option => option.Costs[j])) * (j == 0 ? 0.5 : 1.05)))];
                var clock = Stopwatch.StartNew();
                var found = ChoiceShortfall.Of(table, limits, MostNodes);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{family,-12}{seed,6}{clock.Elapsed.TotalMilliseconds,10:F2} ms  alone "
                    + $"{string.Join(", ", found.Alone.Select(relief => string.Create(CultureInfo.InvariantCulture, $"{relief.Budget}: +{relief.Relative:P2} {relief.IsLeast}")))}  together +{found.Together.Relative:P3} {found.Together.IsLeast}"));
            }
        }

        return 0;
    }

    static (ChoiceOption[][] Groups, double[] Budgets) Instance(string family, int groups, int options, int budgets, int seed)
    {
        var random = new Xoshiro256(seed);
        var table = new ChoiceOption[groups][];
        for (int g = 0; g < groups; g++)
        {
            table[g] = family switch
            {
                "random" => [.. Enumerable.Range(0, options).Select(_ => new ChoiceOption(random.Below(1_000_000) / 1e6, [.. Draws(budgets).Select(draw => Math.Floor(1e6 * draw))]))],
                "bits" => Bits(),
                "ratios" => Ratios(),
                "shapes" => Shapes(g),
                "weak" => [.. Enumerable.Range(0, options).Select(_ => Weak([.. Draws(budgets)]))],
                _ => [.. Enumerable.Range(0, options).Select(_ => Correlated([.. Draws(budgets)]))],
            };
        }

        // Between the least and the largest sums.
        double[] limits = new double[budgets];
        for (int j = 0; j < budgets; j++) limits[j] = Math.Floor(0.65 * table.Sum(group => group.Min(option => option.Costs[j])) + 0.35 * table.Sum(group => group.Max(option => option.Costs[j])));
        return (table, limits);

        IEnumerable<double> Draws(int count)
        {
            for (int i = 0; i < count; i++) yield return random.NextDouble();
        }

        // What a layer loses falls with the square of its grid's step; weights, operations and activations are multiples of the bits.
        ChoiceOption[] Bits()
        {
            double sensitivity = Math.Exp(6 * random.NextDouble() - 3);
            double[] sizes = [.. Draws(budgets).Select(draw => Math.Floor(1000 * Math.Exp(5 * draw)))];
            return [.. Enumerable.Range(0, options).Select(i => new ChoiceOption(sensitivity * Math.Pow(2, -2.0 * (i + 1) * 12 / options) * (0.8 + 0.4 * random.NextDouble()), [.. sizes.Select(size => size * (i + 1))]))];
        }

        // Blocks of four layers, alike in size all through the network, with sensitivities that differ little.
        ChoiceOption[] Shapes(int group)
        {
            double size = 768 * 768 / 8.0 * (group % 4 == 0 ? 3 : group % 4 == 1 ? 1 : 4), sensitivity = size / 1e6 * Math.Exp(0.5 * random.NextDouble());
            return [.. Enumerable.Range(1, options).Select(bits => new ChoiceOption(sensitivity * Math.Pow(2, -2.0 * bits), [.. Enumerable.Range(1, budgets).Select(j => size * (j == 1 ? bits : Math.Ceiling(bits / 4.0) * 4))]))];
        }

        // Costs are cut to shares that differ from budget to budget.
        ChoiceOption[] Ratios()
        {
            double[] whole = [.. Draws(budgets).Select(draw => Math.Round(1e6 * draw))];
            return [.. Enumerable.Range(0, options).Select(i => new ChoiceOption(i * i * (0.5 + random.NextDouble()), [.. whole.Select(cost => Math.Round(cost / (1 + i * (0.5 + random.NextDouble()))))]))];
        }

        // What is saved is lost, with a tenth of chance.
        ChoiceOption Weak(double[] draws) => new(1 - draws.Average() + 0.1 * random.NextDouble(), [.. draws.Select(draw => Math.Floor(1e6 * draw))]);

        // What is saved is lost, nearly.
        ChoiceOption Correlated(double[] draws) => new(Math.Round(1e6 - 1e6 * draws.Average() + 1e5) / 1e6, [.. draws.Select(draw => Math.Floor(1e6 * draw))]);
    }

    static void Write(string path, ChoiceOption[][] table, double[] limits)
    {
        var lines = new List<string> { $"{table.Length} {limits.Length}", Line(limits) };
        foreach (var options in table)
        {
            lines.Add(options.Length.ToString(CultureInfo.InvariantCulture));
            lines.AddRange(options.Select(option => Line([option.Loss, .. option.Costs])));
        }

        File.WriteAllLines(path, lines);
    }

    static string Line(IEnumerable<double> figures) => string.Join(' ', figures.Select(figure => figure.ToString("R", CultureInfo.InvariantCulture)));
}
