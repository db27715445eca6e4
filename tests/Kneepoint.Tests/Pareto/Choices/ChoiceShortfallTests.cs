using CsCheck;
using Kneepoint.Pareto.Choices;

namespace Kneepoint.Tests.Pareto.Choices;

public sealed class ChoiceShortfallTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Alone_a_budget_gives_way_to_the_least_cost_within_the_others(int budgets) =>
        ChoiceGen.Problems(budgets).Sample(problem =>
        {
            var found = ChoiceShortfall.Of(problem.Groups, problem.Budgets);

            double before = 0;
            foreach (var relief in found.Alone)
            {
                double[] limits = [.. problem.Budgets];
                limits[relief.Budget] = relief.Limit;
                Assert.True(relief.IsLeast);
                Assert.True(IsWithin(problem.Groups, relief.Choice, limits));
                Assert.True(relief.Relative >= before);
                before = relief.Relative;
            }

            for (int j = 0; j < budgets; j++)
            {
                double[] limits = [.. problem.Budgets];
                limits[j] = double.PositiveInfinity;
                double least = Math.Max(problem.Budgets[j], ChoiceGen.Least(problem.Groups, limits, sum => sum.Costs[j]));
                Assert.Equal(least, found.Alone.SingleOrDefault(relief => relief.Budget == j)?.Limit ?? double.PositiveInfinity);
            }
        }, iter: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Together_budgets_give_way_by_the_least_step_that_admits_a_choice(int budgets) =>
        ChoiceGen.Problems(budgets).Sample(problem =>
        {
            double[] scales = [.. problem.Budgets.Select((budget, j) => budget > 0 ? budget : Math.Max(1, problem.Groups.Sum(options => options.Max(option => option.Costs[j]))))];
            double least = ChoiceGen.Sums(problem.Groups).Min(sum => sum.Costs.Select((cost, j) => Math.Max(0, (cost - problem.Budgets[j]) / scales[j])).Max());

            var found = ChoiceShortfall.Of(problem.Groups, problem.Budgets).Together;

            Assert.True(found.IsLeast);
            Assert.Equal(least, found.Relative, 1e-12);
            Assert.InRange(found.LeastRelative, found.Relative - 1e-9, least);
            Assert.True(IsWithin(problem.Groups, found.Choice, [.. found.Limits]));
            for (int j = 0; j < budgets; j++) Assert.Equal(problem.Budgets[j] + least * scales[j], found.Limits[j], 1e-9);
        }, iter: 200);

    [Fact]
    public void Where_one_budget_binds_it_is_named_with_what_it_lacks()
    {
        ChoiceOption[][] groups = [[new(3, 10, 1), new(1, 50, 1)], [new(2, 10, 1)]];

        var found = ChoiceShortfall.Of(groups, [16, 100]);

        var alone = Assert.Single(found.Alone);
        Assert.Equal((0, 20d, 0.25, true), (alone.Budget, alone.Limit, alone.Relative, alone.IsLeast));
        Assert.Equal([0, 0], alone.Choice);
        Assert.Equal(0.25, found.Together.Relative);
        Assert.Equal([20, 125], found.Together.Limits);
    }

    [Fact]
    public void Budgets_that_are_each_too_small_only_give_way_together()
    {
        var found = ChoiceShortfall.Of([[new(1, 20, 30)]], [10, 20]);

        Assert.Empty(found.Alone);
        Assert.Equal(1, found.Together.Relative);
        Assert.Equal([20, 40], found.Together.Limits);
    }

    [Fact]
    public void What_is_no_problem_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => ChoiceShortfall.Of(null!, [1]));
        Assert.Throws<ArgumentException>(() => ChoiceShortfall.Of([[new(1)]], []));
        Assert.Throws<ArgumentException>(() => ChoiceShortfall.Of([[]], [1]));
        Assert.Throws<ArgumentException>(() => ChoiceShortfall.Of([[new(1, 1, 2)]], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChoiceShortfall.Of([[new(1, 1)]], [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChoiceShortfall.Of([[new(1, 1)]], [1], 0));
    }

    static bool IsWithin(ChoiceOption[][] groups, IReadOnlyList<int> choice, double[] limits) =>
        limits.Select((limit, j) => groups.Select((options, g) => options[choice[g]].Costs[j]).Sum() <= limit).All(isWithin => isWithin);
}
