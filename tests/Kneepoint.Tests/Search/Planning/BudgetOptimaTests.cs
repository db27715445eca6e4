using System.Collections.Immutable;
using Kneepoint.Search.Planning;
using Kneepoint.Search.Space;
using Kneepoint.Tests.Search.Space;

namespace Kneepoint.Tests.Search.Planning;

public sealed class BudgetOptimaTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Among_them_is_the_place_of_least_divergence_that_brute_force_finds_within_the_budget(double share)
    {
        var network = new SyntheticNetwork(5, 4);
        var cost = new SumsOfBytes(network);
        double limit = share * network.BaselineBytes;
        double DivergenceOf(Genome genome) => network.Space.Forms[genome.Form].Loss + network.Space.Table.Groups.Select((group, g) => group.Choices[genome.ChoiceOf(g)].Loss).Sum();

        Genome[] found = [.. BudgetOptima.Of(network.Space, [cost], [limit])];

        Assert.All(found, genome => Assert.True(cost.Of(genome) <= limit * (1 + 1e-9)));
        double best = All(network.Space).Where(genome => cost.Of(genome) <= limit * (1 + 1e-12)).Min(DivergenceOf);
        Assert.Equal(best, found.Min(DivergenceOf), 1e-9);
    }

    [Fact]
    public void Without_a_budget_there_are_none() => Assert.Empty(BudgetOptima.Of(new SyntheticNetwork(5, 4).Space, [new SumsOfBytes(new SyntheticNetwork(5, 4))], [double.PositiveInfinity]));

    [Fact]
    public void Budgets_that_nothing_meets_are_approached_up_to_what_is_nearest()
    {
        var aim = new SearchAim([1, 1100], [100], double.PositiveInfinity);
        ImmutableArray<MeasuredPlace> measured = [new(null, 0, [1000]), new(null, 0.2, [160]), new(null, 0.3, [200])];

        Assert.Equal([100, 100 * Math.Pow(1.6, 0.25), 100 * Math.Pow(1.6, 0.5), 100 * Math.Pow(1.6, 0.75), 160], aim.Nearer(measured).Select(nearer => nearer.CostLimits[0]), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Single(aim.Nearer([.. measured, new MeasuredPlace(null, 0.5, [90])]));
        Assert.Empty((aim with { CostLimits = [double.PositiveInfinity] }).Nearer(measured));
    }

    static IEnumerable<Genome> All(SearchSpace space)
    {
        int[] genes = new int[space.GeneSizes.Length];
        while (true)
        {
            if (genes[1] == 0) yield return new Genome([.. genes]);
            int gene = 0;
            while (gene < genes.Length && ++genes[gene] == space.GeneSizes[gene]) genes[gene++] = 0;
            if (gene == genes.Length) yield break;
        }
    }
}
