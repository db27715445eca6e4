using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class BudgetQueryTests
{
    // accuracy, bytes, milliseconds
    static readonly double[] Figures =
    [
        0.95, 1000, 8,
        0.94, 300, 5,
        0.90, 120, 3,
        0.70, 40, 2,
        0.94, 300, 4,
        double.NaN, 10, 1,
    ];

    static readonly BudgetGoal[] MostAccurate = [new(0, true), new(2, false)];

    [Fact]
    public void Most_accurate_within_the_limits_wins_and_equal_ones_are_told_apart_by_the_next_goal() =>
        Assert.Equal(4, BudgetQuery.Solve(Figures, 3, [new(1, 500, true), new(2, 6, true)], MostAccurate).Index);

    [Fact]
    public void Least_bytes_for_an_accuracy() =>
        Assert.Equal(2, BudgetQuery.Solve(Figures, 3, [new(0, 0.9, false)], [new(1, false)]).Index);

    [Fact]
    public void No_limits_admit_all() => Assert.Equal(0, BudgetQuery.Solve(Figures, 3, [], MostAccurate).Index);

    [Fact]
    public void Infeasible_limits_name_the_nearest_point_and_what_must_give_way()
    {
        var answer = BudgetQuery.Solve(Figures, 3, [new(0, 0.92, false), new(1, 100, true)], MostAccurate);

        Assert.False(answer.IsFeasible);
        Assert.Equal(2, answer.Index);
        Assert.Equal([0, 1], answer.Together.Select(relaxation => relaxation.Limit));
        Assert.Equal(0.2, answer.Together[1].Relative, 1e-12);
        Assert.Equal([(0, 0.70, 3), (1, 300, 4)], answer.Alone.Select(relaxation => (relaxation.Limit, relaxation.Figure, relaxation.Index)));
    }

    [Fact]
    public void A_limit_that_nothing_measured_can_meet_has_no_nearest_point()
    {
        var answer = BudgetQuery.Solve([double.NaN, 1, double.NaN, 2], 2, [new(0, 1, true)], []);

        Assert.Equal(-1, answer.Index);
        Assert.Empty(answer.Alone);
    }

    [Fact]
    public void A_limit_of_zero_is_measured_by_the_largest_figure() =>
        Assert.Equal(0.25, BudgetQuery.Solve([2, 8], 1, [new(0, 0, true)], []).Together[0].Relative);

    [Fact]
    public void Columns_that_do_not_exist_are_an_error() =>
        Assert.Throws<ArgumentException>(() => BudgetQuery.Solve(Figures, 3, [new(3, 1, true)], []));

    [Fact]
    public void Relaxing_as_told_makes_it_feasible_and_any_less_does_not() =>
        Gen.Select(Gen.Int[0, 20].Select(i => (double)i).Array[3].Array[1, 12], Gen.Int[0, 20].Array[3], Gen.Bool.Array[3]).Sample((rows, at, isUpper) =>
        {
            double[] figures = [.. rows.SelectMany(row => row)];
            BudgetLimit[] limits = [.. at.Select((limit, c) => new BudgetLimit(c, limit, isUpper[c]))];
            var answer = BudgetQuery.Solve(figures, 3, limits, [new(0, true)]);
            Assert.Equal(rows.Any(row => limits.All(limit => limit.IsMet(row[limit.Column]))), answer.IsFeasible);
            if (answer.IsFeasible) return;
            BudgetLimit[] relaxed = [.. limits];
            foreach (var relaxation in answer.Together) relaxed[relaxation.Limit] = relaxed[relaxation.Limit] with { Limit = relaxation.Figure };
            Assert.True(BudgetQuery.Solve(figures, 3, relaxed, []).IsFeasible);
            foreach (var relaxation in answer.Alone)
            {
                BudgetLimit[] one = [.. limits];
                one[relaxation.Limit] = one[relaxation.Limit] with { Limit = relaxation.Figure };
                Assert.True(BudgetQuery.Solve(figures, 3, one, []).IsFeasible);
                double less = relaxation.Figure + (isUpper[relaxation.Limit] ? -0.5 : 0.5);
                one[relaxation.Limit] = one[relaxation.Limit] with { Limit = less };
                Assert.False(BudgetQuery.Solve(figures, 3, one, []).IsFeasible);
            }
        }, iter: 500);

    [Fact]
    public void The_best_under_upper_limits_on_costs_is_on_the_front() =>
        Gen.Select(PointGen.Tame(3, 40), Gen.Double[0, 1].Array[2]).Sample((points, at) =>
        {
            var answer = BudgetQuery.Solve(points, 3, [new(1, at[0], true), new(2, at[1], true)], [new(0, false), new(1, false), new(2, false)]);
            if (answer.IsFeasible) Assert.True(NondominatedFilter.Mask(points, 3)[answer.Index]);
        }, iter: 200);
}
