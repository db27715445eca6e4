using CsCheck;
using Kneepoint.Pareto.Choices;

namespace Kneepoint.Tests.Pareto.Choices;

public sealed class ChoiceHullTests
{
    static readonly Gen<ChoiceOption[][]> Groups = ChoiceGen.Problems(1).Select(problem => problem.Groups);

    [Fact]
    public void Points_minimize_loss_plus_price_times_cost() =>
        Gen.Select(Groups, Gen.Double[0, 3]).Sample((groups, price) =>
        {
            double expected = ChoiceGen.Sums(groups).Min(sum => sum.Loss + price * sum.Costs[0]);

            Assert.Equal(expected, ChoiceHull.Of(groups).Points.Min(point => point.Loss + price * point.Cost), 1e-9);
        }, iter: 500);

    [Fact]
    public void It_is_nested_and_falls_in_cost_while_it_rises_in_loss() =>
        Groups.Sample(groups =>
        {
            var hull = ChoiceHull.Of(groups);
            for (int point = 0; point < hull.Points.Length; point++)
            {
                var choice = hull.ChoiceAt(point);
                Assert.Equal(hull.Points[point], new HullPoint(choice.Select((option, g) => groups[g][option].Costs[0]).Sum(), choice.Select((option, g) => groups[g][option].Loss).Sum()));
                if (point == 0) continue;
                Assert.Equal(1, choice.Zip(hull.ChoiceAt(point - 1)).Count(pair => pair.First != pair.Second));
                Assert.True(hull.Points[point].Cost < hull.Points[point - 1].Cost);
                Assert.True(hull.Points[point].Loss > hull.Points[point - 1].Loss);
            }
        }, iter: 300);

    [Fact]
    public void It_is_the_relaxed_bound_at_every_budget() =>
        Gen.Select(Groups, Gen.Double[0, 300]).Sample((groups, budget) =>
        {
            double bound = ChoiceHull.Of(groups).LowerBound(budget);

            double relaxed = ChoiceOptimum.Of(groups, [budget], 1).RelaxedBound;

            if (double.IsInfinity(bound)) Assert.Equal(bound, relaxed);
            else Assert.Equal(bound, relaxed, 1e-9);
        }, iter: 300);

    [Fact]
    public void Its_ends_are_the_least_loss_and_the_least_cost()
    {
        var hull = ChoiceHull.Of([[new(1, 9), new(2, 4), new(3, 3)], [new(0, 5), new(0, 7)]]);

        Assert.Equal([new HullPoint(1, 14), new HullPoint(2, 9), new HullPoint(3, 8)], hull.Points.Select(point => new HullPoint(point.Loss, point.Cost)));
        Assert.Equal([2, 0], hull.ChoiceAt(2));
        Assert.Equal((8d, 1d, double.PositiveInfinity), (hull.LeastCost, hull.LowerBound(14), hull.LowerBound(7.9)));
    }

    [Fact]
    public void What_is_no_problem_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => ChoiceHull.Of(null!));
        Assert.Throws<ArgumentException>(() => ChoiceHull.Of([[]]));
        Assert.Throws<ArgumentException>(() => ChoiceHull.Of([[new(1, 1, 2)]]));
    }
}
