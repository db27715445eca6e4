using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class ChoiceKnapsackTests
{
    static readonly Gen<SizedLoss[][]> Problem = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 20])
        .Select((size, loss) => new SizedLoss(size, loss / 4d)).Array[1, 4].Array[1, 5];

    [Fact]
    public void Whole_sizes_are_solved_exactly() =>
        Gen.Select(Problem, Gen.Int[0, 300]).Sample((groups, limit) =>
        {
            var expected = BruteForce(groups).Where(total => total.Size <= limit).Select(total => total.Loss).DefaultIfEmpty(double.NaN).Min();
            var knapsack = new ChoiceKnapsack(groups);
            int[]? found = knapsack.Best(limit);

            Assert.Equal(double.IsNaN(expected), found is null);
            if (found is null) return;
            Assert.InRange(knapsack.Total(found).Size, 0, limit);
            Assert.Equal(expected, knapsack.Total(found).Loss, 1e-9);
        }, iter: 500);

    [Fact]
    public void Hull_points_minimize_loss_plus_price_times_size() =>
        Gen.Select(Problem, Gen.Double[0, 3]).Sample((groups, price) =>
        {
            double expected = BruteForce(groups).Min(total => total.Loss + price * total.Size);

            Assert.Equal(expected, new ChoiceKnapsack(groups).Hull.Min(total => total.Loss + price * total.Size), 1e-9);
        }, iter: 500);

    [Fact]
    public void Hull_is_nested_and_falls_in_size_while_it_rises_in_loss() =>
        Problem.Sample(groups =>
        {
            var knapsack = new ChoiceKnapsack(groups);
            for (int point = 0; point < knapsack.Hull.Count; point++)
            {
                int[] assignment = knapsack.AtHull(point);
                Assert.Equal(knapsack.Hull[point], knapsack.Total(assignment));
                if (point == 0) continue;
                Assert.Equal(1, assignment.Zip(knapsack.AtHull(point - 1)).Count(pair => pair.First != pair.Second));
                Assert.True(knapsack.Hull[point].Size < knapsack.Hull[point - 1].Size);
                Assert.True(knapsack.Hull[point].Loss > knapsack.Hull[point - 1].Loss);
            }
        }, iter: 300);

    [Fact]
    public void No_assignment_beats_the_lower_bound() =>
        Gen.Select(Problem, Gen.Int[0, 300]).Sample((groups, limit) =>
        {
            double bound = new ChoiceKnapsack(groups).LowerBound(limit);
            foreach (var total in BruteForce(groups).Where(total => total.Size <= limit)) Assert.InRange(total.Loss, bound - 1e-9, double.PositiveInfinity);
        }, iter: 300);

    [Fact]
    public void Large_problems_keep_the_limit_and_come_near_the_bound()
    {
        var random = new Random(7);
        SizedLoss[][] groups = [.. Enumerable.Range(0, 300).Select(_ =>
        {
            double size = random.NextDouble() * 1e6;
            return new[] { new SizedLoss(size, 0), new SizedLoss(size / 2, random.NextDouble()), new SizedLoss(size / 4, random.NextDouble() * 2), new SizedLoss(size / 8, random.NextDouble() * 9) };
        })];
        var knapsack = new ChoiceKnapsack(groups);
        for (int i = 1; i < 10; i++)
        {
            double limit = knapsack.LeastSize + (knapsack.Hull[0].Size - knapsack.LeastSize) * i / 10;
            var found = knapsack.Total(knapsack.Best(limit)!);
            Assert.InRange(found.Size, 0, limit);

            // The bound itself is not reached: at most one group is split on the line between hull points.
            Assert.InRange(found.Loss, knapsack.LowerBound(limit) - 1e-9, knapsack.LowerBound(limit) * 1.005);
        }
    }

    static IEnumerable<SizedLoss> BruteForce(SizedLoss[][] groups)
    {
        IEnumerable<SizedLoss> totals = [new SizedLoss(0, 0)];
        foreach (var group in groups) totals = [.. totals.SelectMany(total => group.Select(choice => new SizedLoss(total.Size + choice.Size, total.Loss + choice.Loss)))];
        return totals;
    }
}
