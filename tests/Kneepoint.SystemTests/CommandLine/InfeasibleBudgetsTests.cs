using System.Globalization;
using System.Text.Json;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>Budgets that nobody meets, asked of a study of the bundled network; what pick says is held against trying all of its variants.</summary>
public sealed class InfeasibleBudgetsTests(InfeasibleBudgetsTests.Archive archive) : IClassFixture<InfeasibleBudgetsTests.Archive>
{
    const int Queries = 20;
    static readonly (string Option, string Unit, bool IsUpper)[] Budgets =
    [
        ("--max-file-bytes", "", true), ("--max-packed-bytes", "", true), ("--max-macs", "", true), ("--max-activation-bytes", "", true), ("--max-latency", "ms", true), ("--min-accuracy", "", false),
    ];

    /// <summary>Variants that differ in everything that has a budget, made once.</summary>
    public sealed class Archive : IDisposable
    {
        readonly TemporaryFolder _folder = new();

        public Archive()
        {
            Folder = _folder.File("study");
            string samples = Path.Combine(Repository.Root, "samples", "glyphs");
            Assert.Equal(0, Cli.Run("run", Path.Combine(samples, "glyphs.onnx"), "--data", samples, "--out", Folder, "--objectives", "accuracy,fileBytes,macs", "--race", "never", "--trials", "12",
                "--methods", "static-int8,weight-int4,weight-int2,fp16-network,shared-weights,prune-channels,low-rank").ExitCode);
            using var frontier = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "frontier.json")));
            Variants = [.. frontier.RootElement.GetProperty("variants").EnumerateArray().Select(variant =>
            {
                JsonElement memory = variant.GetProperty("memory"), compute = variant.GetProperty("compute");
                return new Variant(variant.GetProperty("id").GetString()!,
                [
                    memory.GetProperty("fileBytes").GetDouble(), memory.GetProperty("packedBytes").GetDouble(), compute.GetProperty("macs").GetDouble(), memory.GetProperty("activationPeakBytes").GetDouble(),
                    compute.GetProperty("latencyMilliseconds").GetProperty("value").GetDouble(), variant.GetProperty("accuracy").GetProperty("value").GetDouble(),
                ]);
            })];
        }

        public string Folder { get; }

        public IReadOnlyList<Variant> Variants { get; }

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>A variant's figures in the order of the budgets.</summary>
    public sealed record Variant(string Id, double[] Figures);

    [Fact]
    public void Twenty_random_infeasible_queries_name_the_binding_budget_and_the_smallest_relaxation()
    {
        Assert.True(archive.Variants.Count >= 10);
        int withoutSingle = 0, withSeveral = 0;
        for (int query = 0; query < Queries; query++)
        {
            var limits = InfeasibleLimits(new Xoshiro256(query), 1 + query % 3, tightness: 1 + query % 2);
            var result = Cli.Run(["pick", archive.Folder, "--json", .. Typed(limits)]);
            Assert.Equal((1, ""), (result.ExitCode, result.Error));
            using var answer = JsonDocument.Parse(result.Output);
            Assert.False(answer.RootElement.GetProperty("feasible").GetBoolean());
            var together = Relaxations(answer, "relax");
            var alone = Relaxations(answer, "relaxOne");

            // The budgets that alone are in the way, the one that needs the smallest step first; each step is the smallest.
            var expected = limits.Select(limit => Alone(limits, limit.Key)).OfType<Relaxation>().OrderBy(step => step.Relative).ToList();
            Assert.Equal(expected.Select(step => (step.Budget, step.Needed)), alone.Select(step => (step.Budget, step.Needed)));
            Assert.Equal(expected.Select(step => step.Relative), alone.Select(step => step.Relative), (one, other) => Math.Abs(one - other) <= 1e-9);

            // Those that give way together: no variant is within a smaller step of all budgets.
            double least = archive.Variants.Min(variant => limits.Max(limit => Excess(variant, limit.Key, limit.Value)));
            Assert.Equal(least, together.Max(step => step.Relative), 1e-9);
            Assert.NotEmpty(together);
            Assert.True(expected.Count == 0 || least <= expected[0].Relative + 1e-9);

            // Each of the named relaxations is enough, and a hair less of any of its steps is not.
            foreach (Relaxation[] named in alone.Select(step => new[] { step }).Append([.. together]))
            {
                var relaxed = limits.ToDictionary();
                foreach (var step in named) relaxed[step.Budget] = step.Needed;
                Assert.True(IsFeasible(relaxed));
                if (named.Length == 1)
                {
                    var (budget, needed, _) = named[0];
                    relaxed[budget] = Budgets[budget].IsUpper ? Math.BitDecrement(needed) : Math.BitIncrement(needed);
                    Assert.False(IsFeasible(relaxed));
                }
            }

            if (expected.Count == 0) withoutSingle++;
            if (expected.Count > 1) withSeveral++;
        }

        // Queries that no budget alone can save, and queries that several can, were among them.
        Assert.True(withoutSingle > 0 && withSeveral > 0, $"{withoutSingle} queries without and {withSeveral} with several single relaxations");
    }

    [Theory]
    [InlineData("--max-file-bytes", "100", "--max-macs", "1G")]
    [InlineData("--max-file-bytes", "3000", "--max-drop", "0.001")]
    [InlineData("--max-file-bytes", "1MB", "--min-accuracy", "0.9999")]
    [InlineData("--min-accuracy", "0.9999", "--max-drop", "0")]
    public void Bug_what_the_model_would_let_give_way_could_not_be_typed_again(string first, string firstLimit, string second, string secondLimit)
    {
        string[] asked = [first, firstLimit, second, secondLimit];
        using var answer = JsonDocument.Parse(Cli.Run(["pick", archive.Folder, "--json", .. asked]).Output);
        var model = answer.RootElement.GetProperty("model");
        Assert.False(model.GetProperty("feasible").GetBoolean());
        Assert.NotEmpty(model.GetProperty("relaxOne").EnumerateArray());
        foreach (var relief in model.GetProperty("relaxOne").EnumerateArray())
        {
            string[] relaxed = [.. asked], typed = relief.GetProperty("options").GetString()!.Split(' ');
            for (int i = 0; i < typed.Length; i += 2) relaxed[Array.IndexOf(relaxed, typed[i]) + 1] = typed[i + 1];

            using var again = JsonDocument.Parse(Cli.Run(["pick", archive.Folder, "--json", .. relaxed]).Output);

            Assert.True(again.RootElement.GetProperty("model").GetProperty("feasible").GetBoolean(), string.Join(' ', relaxed));
        }
    }

    // Limits around the figures that there are, drawn until no variant meets them all.
    Dictionary<int, double> InfeasibleLimits(Xoshiro256 random, int count, int tightness)
    {
        while (true)
        {
            var limits = new Dictionary<int, double>();
            while (limits.Count < count)
            {
                int budget = random.Below(Budgets.Length);
                double[] figures = [.. archive.Variants.Select(variant => variant.Figures[budget])];
                double least = figures.Min(), most = figures.Max(), share = Math.Pow(random.NextDouble(), tightness);
                limits[budget] = budget switch
                {
                    5 => Math.Round(most + (1 - most) * (0.5 - share), 4),
                    4 => (0.5 + 0.5 * share) * least + share * (most - least),
                    _ => Math.Round((0.5 + 0.5 * share) * least + share * (most - least)),
                };
            }

            if (!IsFeasible(limits)) return limits;
        }
    }

    bool IsFeasible(Dictionary<int, double> limits) => archive.Variants.Any(variant => limits.All(limit => IsMet(variant, limit.Key, limit.Value)));

    static bool IsMet(Variant variant, int budget, double limit) => Budgets[budget].IsUpper ? variant.Figures[budget] <= limit : variant.Figures[budget] >= limit;

    static double Excess(Variant variant, int budget, double limit) => IsMet(variant, budget, limit) ? 0 : Math.Abs(variant.Figures[budget] - limit) / limit;

    Relaxation? Alone(Dictionary<int, double> limits, int budget)
    {
        var rest = archive.Variants.Where(variant => limits.All(limit => limit.Key == budget || IsMet(variant, limit.Key, limit.Value))).ToList();
        if (rest.Count == 0) return null;
        var nearest = rest.MinBy(variant => Excess(variant, budget, limits[budget]))!;
        return new Relaxation(budget, nearest.Figures[budget], Excess(nearest, budget, limits[budget]));
    }

    static List<Relaxation> Relaxations(JsonDocument answer, string name) => [.. answer.RootElement.GetProperty(name).EnumerateArray().Select(step => new Relaxation(
        Array.FindIndex(Budgets, budget => budget.Option == step.GetProperty("budget").GetString()), step.GetProperty("needed").GetDouble(), step.GetProperty("relative").GetDouble()))];

    static string[] Typed(Dictionary<int, double> limits) =>
        [.. limits.SelectMany(limit => new[] { Budgets[limit.Key].Option, limit.Value.ToString("R", CultureInfo.InvariantCulture) + Budgets[limit.Key].Unit })];

    sealed record Relaxation(int Budget, double Needed, double Relative);
}
