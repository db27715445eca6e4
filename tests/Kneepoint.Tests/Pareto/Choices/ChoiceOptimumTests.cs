using CsCheck;
using Kneepoint.Pareto.Choices;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Pareto.Choices;

public sealed class ChoiceOptimumTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_choice_is_the_best_of_all_and_its_bounds_hold(int budgets) => ChoiceGen.Problems(budgets).Sample(IsSolved, iter: 400);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void So_it_is_where_losses_are_nearly_what_is_saved(int budgets) => ChoiceGen.Correlated(budgets).Sample(IsSolved, iter: 200);

    static void IsSolved((ChoiceOption[][] Groups, double[] Budgets) problem)
    {
        double optimum = ChoiceGen.LeastLoss(problem.Groups, problem.Budgets);

        var found = ChoiceOptimum.Of(problem.Groups, problem.Budgets);

        Assert.All(found.Prices, price => Assert.True(price >= 0 && double.IsFinite(price)));
        Assert.Equal(double.IsPositiveInfinity(optimum), found.IsInfeasible);
        Assert.Equal(!found.IsInfeasible, found.IsOptimal);
        Assert.Equal(found.IsInfeasible, found.Choice.IsDefault);
        Assert.True(found.RelaxedBound <= optimum, $"relaxed bound {found.RelaxedBound}, optimum {optimum}");
        Assert.True(found.LowerBound <= optimum, $"bound {found.LowerBound}, optimum {optimum}");
        if (found.IsInfeasible) return;
        Assert.Equal(optimum, found.Loss, 1e-12);
        Assert.InRange(found.Gap, 0, 1e-10 * Math.Max(1, problem.Groups.Sum(options => options.Max(option => Math.Abs(option.Loss)))));
        Assert.Equal(found.Loss, problem.Groups.Zip(found.Choice, (options, i) => options[i].Loss).Sum(), 1e-12);
        for (int j = 0; j < problem.Budgets.Length; j++) Assert.True(problem.Groups.Zip(found.Choice, (options, i) => options[i].Costs[j]).Sum() <= problem.Budgets[j]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_search_that_is_cut_short_still_bounds_the_best_choice(int nodes) =>
        ChoiceGen.Correlated(2).Sample(problem =>
        {
            double optimum = ChoiceGen.LeastLoss(problem.Groups, problem.Budgets);

            var found = ChoiceOptimum.Of(problem.Groups, problem.Budgets, nodes);

            Assert.InRange(found.Nodes, 0, nodes);
            Assert.True(found.LowerBound <= optimum && optimum <= found.Loss + 1e-12, $"{found.LowerBound} to {found.Loss}, optimum {optimum}");
            Assert.True(found.LowerBound >= found.RelaxedBound);
            if (found.IsOptimal) Assert.Equal(optimum, found.Loss, 1e-12);
        }, iter: 200);

    [Fact]
    public void For_one_budget_the_bound_is_the_lower_hull_of_all_sums() =>
        ChoiceGen.Problems(1).Sample(problem =>
        {
            double hull = HullAt(ChoiceGen.Sums(problem.Groups).Select(sum => (sum.Costs[0], sum.Loss)), problem.Budgets[0]);

            double bound = ChoiceOptimum.Of(problem.Groups, problem.Budgets).RelaxedBound;

            if (double.IsPositiveInfinity(hull)) Assert.Equal(hull, bound);
            else Assert.Equal(hull, bound, 1e-9);
        }, iter: 300);

    // Prices on a fine grid reach no larger bound than those found.
    [Fact]
    public void For_two_budgets_no_prices_give_a_larger_bound() =>
        ChoiceGen.Problems(2).Sample(problem =>
        {
            double bound = ChoiceOptimum.Of(problem.Groups, problem.Budgets).RelaxedBound;
            for (int i = 0; i <= 40; i++)
            {
                for (int j = 0; j <= 40; j++)
                {
                    double a = i / 20.0, b = j / 20.0;
                    double other = problem.Groups.Sum(options => options.Min(option => option.Loss + a * option.Costs[0] + b * option.Costs[1])) - a * problem.Budgets[0] - b * problem.Budgets[1];
                    Assert.True(other <= bound + 1e-9, $"{other} at {a} and {b}, {bound} found");
                }
            }
        }, iter: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_the_relaxation_mixes_nothing_the_gap_is_closed(int budgets) =>
        ChoiceGen.Problems(budgets).Sample(problem =>
        {
            // At the costs of a choice that is best at some prices, that choice solves the relaxation.
            double[] prices = [.. Enumerable.Range(1, budgets).Select(j => 0.3 * j)];
            var choice = problem.Groups.Select(options => options.MinBy(option => option.Loss + option.Costs.Select((cost, j) => prices[j] * cost).Sum())!).ToArray();
            double[] limits = [.. prices.Select((_, j) => choice.Sum(option => option.Costs[j]))];

            var found = ChoiceOptimum.Of(problem.Groups, limits);

            Assert.Equal(choice.Sum(option => option.Loss), found.RelaxedBound, 1e-9);
            Assert.Equal(ChoiceGen.LeastLoss(problem.Groups, limits), found.RelaxedBound, 1e-9);
        }, iter: 200);

    [Fact]
    public void The_price_is_what_one_more_unit_of_the_budget_takes_from_the_bound() =>
        ChoiceGen.Problems(2).Sample(problem =>
        {
            var found = ChoiceOptimum.Of(problem.Groups, problem.Budgets);
            if (!double.IsFinite(found.RelaxedBound)) return;
            for (int j = 0; j < 2; j++)
            {
                double[] more = [.. problem.Budgets];
                more[j]++;
                double gained = found.RelaxedBound - ChoiceOptimum.Of(problem.Groups, more).RelaxedBound;

                // The bound is convex in the budgets, so its fall over a whole unit is no more than its slope.
                Assert.InRange(gained, -1e-9, found.Prices[j] + 1e-9 * (1 + found.Prices[j]));
            }
        }, iter: 200);

    [Fact]
    public void Budgets_that_nothing_reaches_cost_nothing()
    {
        ChoiceOption[][] groups = [[new(3, 1, 1), new(1, 5, 2)], [new(2, 1, 1), new(0.5, 4, 9)]];

        var found = ChoiceOptimum.Of(groups, [100, 100]);

        Assert.Equal([1, 1], found.Choice);
        Assert.Equal(1.5, found.Loss);
        Assert.Equal([0, 0], found.Prices);
        Assert.Equal(0, found.Gap, 1e-12);
    }

    [Fact]
    public void Budgets_that_nothing_keeps_are_proved_impossible()
    {
        ChoiceOption[][] groups = [[new(3, 10, 1), new(1, 50, 1)], [new(2, 10, 1)]];

        var found = ChoiceOptimum.Of(groups, [15, 100]);

        Assert.Equal(double.PositiveInfinity, found.RelaxedBound);
        Assert.True(found.Choice.IsDefault);
    }

    [Theory]
    [InlineData(1, 2000)]
    [InlineData(2, 5000)]
    [InlineData(3, 60_000)]
    public void Hundreds_of_groups_are_solved_in_few_nodes(int budgets, int nodes)
    {
        var random = new Xoshiro256(9);
        ChoiceOption[][] groups = [.. Enumerable.Range(0, 200).Select(_ => Group(random, budgets))];
        double[] limits = [.. Enumerable.Range(0, budgets).Select(j => 0.4 * groups.Sum(options => options[0].Costs[j]))];

        var found = ChoiceOptimum.Of(groups, limits, nodes);

        Assert.True(found.IsOptimal, $"{found.Nodes} nodes, gap {found.Gap}");
        Assert.InRange(found.RelaxedGapPercent, 0, 1);
        Assert.InRange(found.GapPercent, 0, 1e-9);
    }

    // More combinations of two mixed groups than one node tries.
    [Fact]
    public void Groups_with_many_options_are_solved_too()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            var random = new Xoshiro256(seed);
            ChoiceOption[][] groups = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 70).Select(_ => Anticorrelated(random)).ToArray())];

            IsSolved((groups, [1_300_000 + random.Below(200_000), 1_300_000 + random.Below(200_000)]));
        }

        static ChoiceOption Anticorrelated(Xoshiro256 random)
        {
            var (a, b) = (random.Below(1_000_000), random.Below(1_000_000));
            return new ChoiceOption((2_000_000 - a - b) / 1024.0 + random.Below(64), a, b);
        }
    }

    [Fact]
    public void The_same_problem_has_the_same_answer()
    {
        var random = new Xoshiro256(4);
        ChoiceOption[][] groups = [.. Enumerable.Range(0, 40).Select(_ => Group(random, 2))];
        double[] limits = [.. Enumerable.Range(0, 2).Select(j => 0.3 * groups.Sum(options => options[0].Costs[j]))];

        var (one, other) = (ChoiceOptimum.Of(groups, limits), ChoiceOptimum.Of(groups, limits));

        Assert.Equal(one.Choice, other.Choice);
        Assert.Equal(one.Prices, other.Prices);
        Assert.Equal((one.Loss, one.LowerBound, one.RelaxedBound, one.Nodes), (other.Loss, other.LowerBound, other.RelaxedBound, other.Nodes));
    }

    static ChoiceOption[] Group(Xoshiro256 random, int budgets)
    {
        double[] whole = [.. Enumerable.Range(0, budgets).Select(_ => Math.Round(1e6 * random.NextDouble()))];
        return [.. Enumerable.Range(0, 12).Select(i => new ChoiceOption(i * i * (0.5 + random.NextDouble()),
            [.. whole.Select(cost => Math.Round(cost / (1 + i * (0.5 + random.NextDouble()))))]))];
    }

    [Fact]
    public void No_group_has_no_loss()
    {
        var found = ChoiceOptimum.Of([], [1]);

        Assert.Equal((0d, 0d, true), (found.Loss, found.LowerBound, found.IsOptimal));
        Assert.Empty(found.Choice);
    }

    [Fact]
    public void Scales_of_figures_do_not_matter()
    {
        var random = new Xoshiro256(5);
        ChoiceOption[][] groups = [.. Enumerable.Range(0, 30).Select(_ => Group(random, 2))];
        double[] limits = [.. Enumerable.Range(0, 2).Select(j => Math.Round(0.3 * groups.Sum(options => options[0].Costs[j])))];
        ChoiceOption[][] scaled = [.. groups.Select(options => options.Select(option => new ChoiceOption(Math.ScaleB(option.Loss, -900), Math.ScaleB(option.Costs[0], 300), Math.ScaleB(option.Costs[1], -700))).ToArray())];

        var (one, other) = (ChoiceOptimum.Of(groups, limits), ChoiceOptimum.Of(scaled, [Math.ScaleB(limits[0], 300), Math.ScaleB(limits[1], -700)]));

        Assert.Equal(one.Choice, other.Choice);
        Assert.Equal(one.Nodes, other.Nodes);
    }

    [Fact]
    public void What_is_no_problem_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChoiceOption(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChoiceOption(1, -1));
        Assert.Throws<ArgumentNullException>(() => ChoiceOptimum.Of(null!, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChoiceOptimum.Of([[new(1, 1)]], [1], 0));
        Assert.Throws<ArgumentException>(() => ChoiceOptimum.Of([[new(1, 1)]], []));
        Assert.Throws<ArgumentException>(() => ChoiceOptimum.Of([[new(1e308, 1)], [new(1e308, 1)]], [1]));
        Assert.Throws<ArgumentException>(() => ChoiceOptimum.Of([[]], [1]));
        Assert.Throws<ArgumentException>(() => ChoiceOptimum.Of([[new(1, 1, 2)]], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChoiceOptimum.Of([[new(1, 1)]], [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChoiceOptimum.Of([[new(1, 1)]], [double.PositiveInfinity]));
    }

    // The least loss of any mix of two sums whose mean cost is within the budget.
    static double HullAt(IEnumerable<(double Cost, double Loss)> sums, double budget)
    {
        var points = sums.GroupBy(sum => sum.Cost).Select(group => (Cost: group.Key, Loss: group.Min(sum => sum.Loss))).ToArray();
        double least = points.Where(point => point.Cost <= budget).Select(point => point.Loss).DefaultIfEmpty(double.PositiveInfinity).Min();
        foreach (var (cost, loss) in points.Where(point => point.Cost <= budget))
        {
            foreach (var other in points.Where(point => point.Cost > budget))
            {
                least = Math.Min(least, loss + (other.Loss - loss) * (budget - cost) / (other.Cost - cost));
            }
        }

        return least;
    }
}
