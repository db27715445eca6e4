using CsCheck;
using Kneepoint.Pareto;
using Kneepoint.Search.Planning;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Search.Planning;

public sealed class ExpectedImprovementTests
{
    static readonly Gen<(double[] Points, double[] Costs, double Mean, double Deviation)> Cases = Gen.Select(Gen.Int[2, 4], Gen.Int[0, 6]).SelectMany((m, n) =>
        Gen.Select(Gen.Double[0, 1.2].Array[m * n], Gen.Double[0, 1.1].Array[m - 1], Gen.Double[-0.2, 1.2], Gen.Double[0.01, 0.5]));

    [Fact]
    public void Without_doubt_it_is_the_volume_that_the_point_adds() => Cases.Sample(given =>
    {
        var (points, costs, mean, _) = given;
        double[] reference = [.. Enumerable.Repeat(1d, costs.Length + 1)];
        double added = Hypervolume.Of([.. points, mean, .. costs], reference) - Hypervolume.Of(points, reference);

        Assert.Equal(added, new ExpectedImprovement(points, reference).Of(costs, mean, 0), 1e-9);
    }, iter: 500);

    [Fact]
    public void It_is_the_mean_over_the_losses_that_may_come() => Cases.Sample(given =>
    {
        var (points, costs, mean, deviation) = given;
        double[] reference = [.. Enumerable.Repeat(1d, costs.Length + 1)];
        double before = Hypervolume.Of(points, reference), sum = 0;
        const int Steps = 2000;
        for (int i = 0; i < Steps; i++)
        {
            double loss = mean + deviation * NormalDistribution.Quantile((i + 0.5) / Steps);
            sum += Hypervolume.Of([.. points, loss, .. costs], reference) - before;
        }

        Assert.Equal(sum / Steps, new ExpectedImprovement(points, reference).Of(costs, mean, deviation), 1e-3 * deviation + 1e-9);
    }, iter: 40);

    [Fact]
    public void More_doubt_is_never_worth_less() => Cases.Sample(given =>
    {
        var (points, costs, mean, deviation) = given;
        var improvement = new ExpectedImprovement(points, [.. Enumerable.Repeat(1e3, 1), .. Enumerable.Repeat(1d, costs.Length)]);

        Assert.True(improvement.Of(costs, mean, deviation) <= improvement.Of(costs, mean, 2 * deviation) + 1e-9);
    }, iter: 300);

    [Fact]
    public void A_cost_beyond_the_reference_is_worth_nothing() => Assert.Equal(0, new ExpectedImprovement([], [1, 1]).Of([1], -5, 1));
}
