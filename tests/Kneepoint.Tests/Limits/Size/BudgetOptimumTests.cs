using CsCheck;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class BudgetOptimumTests
{
    static Gen<(BudgetOption[][] Layers, double[] Budgets)> Problems(int budgets) =>
        Gen.Select(Gen.Int[0, 40].Array[budgets], Gen.Int[0, 40]).Select((costs, loss) => new BudgetOption(loss / 4.0, [.. costs.Select(cost => (double)cost)]))
            .Array[1, 5].Array[1, 6].SelectMany(layers => Gen.Int[0, 40 * layers.Length].Array[budgets]
                .Select(limits => (layers, limits.Select(limit => (double)limit).ToArray())));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_choice_within_the_budgets_beats_the_bound_and_the_one_found_is_within(int budgets) =>
        Problems(budgets).Sample(problem =>
        {
            double optimum = BruteForce(problem.Layers, problem.Budgets);

            var found = BudgetOptimum.Of(problem.Layers, problem.Budgets);

            Assert.True(found.LowerBound <= optimum, $"bound {found.LowerBound}, optimum {optimum}");
            Assert.True(found.Loss >= optimum);
            Assert.All(found.Prices, price => Assert.True(price >= 0 && double.IsFinite(price)));
            if (double.IsPositiveInfinity(optimum)) Assert.True(found.Choice.IsDefault);
            if (found.Choice.IsDefault) return;
            Assert.True(found.Gap >= 0);
            Assert.Equal(found.Loss, problem.Layers.Zip(found.Choice, (options, i) => options[i].Loss).Sum(), 1e-12);
            for (int j = 0; j < budgets; j++) Assert.True(problem.Layers.Zip(found.Choice, (options, i) => options[i].Costs[j]).Sum() <= problem.Budgets[j]);
        }, iter: 200);

    [Fact]
    public void For_one_budget_the_bound_is_the_lower_hull_of_all_sums() =>
        Problems(1).Sample(problem =>
        {
            double hull = HullAt(Sums(problem.Layers).Select(sum => (sum.Costs[0], sum.Loss)), problem.Budgets[0]);

            double bound = BudgetOptimum.Of(problem.Layers, problem.Budgets).LowerBound;

            if (double.IsPositiveInfinity(hull)) Assert.Equal(hull, bound);
            else Assert.Equal(hull, bound, 1e-9);
        }, iter: 300);

    // Prices on a fine grid reach no larger bound than those found.
    [Fact]
    public void For_two_budgets_no_prices_give_a_larger_bound() =>
        Problems(2).Sample(problem =>
        {
            double bound = BudgetOptimum.Of(problem.Layers, problem.Budgets).LowerBound;
            for (int i = 0; i <= 40; i++)
            {
                for (int j = 0; j <= 40; j++)
                {
                    double a = i / 20.0, b = j / 20.0;
                    double other = problem.Layers.Sum(options => options.Min(option => option.Loss + a * option.Costs[0] + b * option.Costs[1])) - a * problem.Budgets[0] - b * problem.Budgets[1];
                    Assert.True(other <= bound + 1e-9, $"{other} at {a} and {b}, {bound} found");
                }
            }
        }, iter: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_the_relaxation_mixes_nothing_the_gap_is_closed(int budgets) =>
        Problems(budgets).Sample(problem =>
        {
            // At the costs of a choice that is best at some prices, that choice solves the relaxation.
            double[] prices = [.. Enumerable.Range(1, budgets).Select(j => 0.3 * j)];
            var choice = problem.Layers.Select(options => options.MinBy(option => option.Loss + option.Costs.Select((cost, j) => prices[j] * cost).Sum())!).ToArray();
            double[] limits = [.. prices.Select((_, j) => choice.Sum(option => option.Costs[j]))];

            var found = BudgetOptimum.Of(problem.Layers, limits);

            Assert.Equal(choice.Sum(option => option.Loss), found.LowerBound, 1e-9);
            Assert.Equal(BruteForce(problem.Layers, limits), found.LowerBound, 1e-9);
        }, iter: 200);

    [Fact]
    public void The_price_is_what_one_more_unit_of_the_budget_takes_from_the_bound() =>
        Problems(2).Sample(problem =>
        {
            var found = BudgetOptimum.Of(problem.Layers, problem.Budgets);
            if (!double.IsFinite(found.LowerBound)) return;
            for (int j = 0; j < 2; j++)
            {
                double[] more = [.. problem.Budgets];
                more[j]++;
                double gained = found.LowerBound - BudgetOptimum.Of(problem.Layers, more).LowerBound;

                // The bound is convex in the budgets, so its fall over a whole unit is no more than its slope.
                Assert.InRange(gained, -1e-9, found.Prices[j] + 1e-9 * (1 + found.Prices[j]));
            }
        }, iter: 200);

    [Fact]
    public void Budgets_that_nothing_reaches_cost_nothing()
    {
        BudgetOption[][] layers = [[new(3, 1, 1), new(1, 5, 2)], [new(2, 1, 1), new(0.5, 4, 9)]];

        var found = BudgetOptimum.Of(layers, [100, 100]);

        Assert.Equal([1, 1], found.Choice);
        Assert.Equal(1.5, found.Loss);
        Assert.Equal([0, 0], found.Prices);
        Assert.Equal(0, found.Gap, 1e-12);
    }

    [Fact]
    public void Budgets_that_nothing_keeps_are_proved_impossible()
    {
        BudgetOption[][] layers = [[new(3, 10, 1), new(1, 50, 1)], [new(2, 10, 1)]];

        var found = BudgetOptimum.Of(layers, [15, 100]);

        Assert.Equal(double.PositiveInfinity, found.LowerBound);
        Assert.True(found.Choice.IsDefault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Large_tables_are_solved_nearly_to_the_bound(int budgets)
    {
        var random = new Random(9);
        BudgetOption[][] layers = [.. Enumerable.Range(0, 200).Select(_ => Layer(random, budgets))];
        double[] limits = [.. Enumerable.Range(0, budgets).Select(j => 0.4 * layers.Sum(options => options[0].Costs[j]))];

        var found = BudgetOptimum.Of(layers, limits);

        Assert.InRange(found.Gap, 0, 0.02 * found.LowerBound);
    }

    static BudgetOption[] Layer(Random random, int budgets)
    {
        double[] whole = [.. Enumerable.Range(0, budgets).Select(_ => Math.Round(1e6 * random.NextDouble()))];
        return [.. Enumerable.Range(0, 12).Select(i => new BudgetOption(i * i * (0.5 + random.NextDouble()),
            [.. whole.Select(cost => Math.Round(cost / (1 + i * (0.5 + random.NextDouble()))))]))];
    }

    [Fact]
    public void No_layer_has_no_loss() => Assert.Equal(0, BudgetOptimum.Of([], [1]).LowerBound);

    [Fact]
    public void What_is_no_problem_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BudgetOption(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BudgetOption(1, -1));
        Assert.Throws<ArgumentException>(() => BudgetOptimum.Of([[new(1, 1)]], []));
        Assert.Throws<ArgumentException>(() => BudgetOptimum.Of([[]], [1]));
        Assert.Throws<ArgumentException>(() => BudgetOptimum.Of([[new(1, 1, 2)]], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BudgetOptimum.Of([[new(1, 1)]], [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BudgetOptimum.Of([[new(1, 1)]], [double.PositiveInfinity]));
    }

    static double BruteForce(BudgetOption[][] layers, double[] budgets) =>
        Sums(layers).Where(sum => sum.Costs.Zip(budgets).All(pair => pair.First <= pair.Second)).Select(sum => sum.Loss).DefaultIfEmpty(double.PositiveInfinity).Min();

    static IEnumerable<BudgetOption> Sums(BudgetOption[][] layers)
    {
        IEnumerable<BudgetOption> sums = [new(0, new double[layers[0][0].Costs.Length])];
        foreach (var options in layers)
        {
            sums = [.. sums.SelectMany(sum => options.Select(option => new BudgetOption(sum.Loss + option.Loss, [.. sum.Costs.Zip(option.Costs, (a, b) => a + b)])))];
        }

        return sums;
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
