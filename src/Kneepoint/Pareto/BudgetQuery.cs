using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Pareto;

/// <summary>Finds the best point within limits and, where there is none, the nearest one and what to relax.</summary>
/// <remarks>
/// Figures are [n, c], row-major, in their own units and directions; NaN is a figure that nobody measured: it meets no limit and is the worst of all goals.
/// The relative excess of a figure over its limit is (figure − limit) / |limit| (turned for lower limits), 0 if met; where the limit is 0, the divisor is the
/// largest finite |figure| of the column. Cost: O(n · (limits² + goals)).
/// </remarks>
public static class BudgetQuery
{
    /// <summary>Answers which point is best within all limits.</summary>
    /// <param name="figures">[n, c], row-major; NaN where not measured.</param>
    /// <param name="columns">c, at least 1.</param>
    /// <param name="limits">All of them hold together; none is allowed.</param>
    /// <param name="goals">What is best: the first decides, the next where points are equal in it, and then the smaller index.</param>
    /// <exception cref="ArgumentException">The length is no multiple of c, a column does not exist, or a limit is NaN.</exception>
    public static BudgetAnswer Solve(ReadOnlySpan<double> figures, int columns, ReadOnlySpan<BudgetLimit> limits, ReadOnlySpan<BudgetGoal> goals)
    {
        Check(figures, columns, limits, goals);
        int n = figures.Length / columns;
        double[] scales = Scales(figures, columns, limits);
        int best = -1, nearest = -1;
        Distance least = default;
        for (int i = 0; i < n; i++)
        {
            var point = figures.Slice(i * columns, columns);
            var distance = Distance.Of(point, limits, scales);
            if (distance.Largest == 0 && (best < 0 || IsBetter(point, figures.Slice(best * columns, columns), goals))) best = i;
            bool isNearer = double.IsFinite(distance.Largest) && (nearest < 0 || distance.IsLess(least)
                || (distance == least && IsBetter(point, figures.Slice(nearest * columns, columns), goals)));
            if (isNearer) (nearest, least) = (i, distance);
        }

        if (best >= 0) return new BudgetAnswer { IsFeasible = true, Index = best };
        return new BudgetAnswer
        {
            IsFeasible = false,
            Index = nearest,
            Together = nearest < 0 ? [] : Together(figures.Slice(nearest * columns, columns), nearest, limits, scales),
            Alone = Alone(figures, columns, limits, goals, scales),
        };
    }

    static void Check(ReadOnlySpan<double> figures, int columns, ReadOnlySpan<BudgetLimit> limits, ReadOnlySpan<BudgetGoal> goals)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (figures.Length % columns != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{figures.Length} figures are no whole number of points with {columns} columns."), nameof(figures));
        }

        foreach (var limit in limits)
        {
            if ((uint)limit.Column >= (uint)columns || double.IsNaN(limit.Limit)) throw Unusable($"the limit {limit}", columns, nameof(limits));
        }

        foreach (var goal in goals)
        {
            if ((uint)goal.Column >= (uint)columns) throw Unusable($"the goal {goal}", columns, nameof(goals));
        }
    }

    static ArgumentException Unusable(string what, int columns, string parameter) => new(string.Create(CultureInfo.InvariantCulture,
        $"Expected a column below {columns} and a number; found {what}."), parameter);

    static double[] Scales(ReadOnlySpan<double> figures, int columns, ReadOnlySpan<BudgetLimit> limits)
    {
        double[] scales = new double[limits.Length];
        for (int c = 0; c < limits.Length; c++)
        {
            double scale = Math.Abs(limits[c].Limit);
            if (scale == 0)
            {
                for (int i = limits[c].Column; i < figures.Length; i += columns)
                {
                    if (double.IsFinite(figures[i])) scale = Math.Max(scale, Math.Abs(figures[i]));
                }
            }

            scales[c] = scale > 0 && double.IsFinite(scale) ? scale : 1;
        }

        return scales;
    }

    // A figure that nobody measured is worse than every other.
    static bool IsBetter(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<BudgetGoal> goals)
    {
        foreach (var goal in goals)
        {
            double left = a[goal.Column], right = b[goal.Column];
            if (left == right || (double.IsNaN(left) && double.IsNaN(right))) continue;
            if (double.IsNaN(left) || double.IsNaN(right)) return double.IsNaN(right);
            return goal.IsMaximized ? left > right : left < right;
        }

        return false;
    }

    static ImmutableArray<BudgetRelaxation> Together(ReadOnlySpan<double> point, int index, ReadOnlySpan<BudgetLimit> limits, double[] scales)
    {
        var relaxations = ImmutableArray.CreateBuilder<BudgetRelaxation>();
        for (int c = 0; c < limits.Length; c++)
        {
            double excess = limits[c].RelativeExcess(point[limits[c].Column], scales[c]);
            if (excess > 0) relaxations.Add(new BudgetRelaxation(c, point[limits[c].Column], excess, index));
        }

        return relaxations.ToImmutable();
    }

    static ImmutableArray<BudgetRelaxation> Alone(
        ReadOnlySpan<double> figures, int columns, ReadOnlySpan<BudgetLimit> limits, ReadOnlySpan<BudgetGoal> goals, double[] scales)
    {
        var relaxations = ImmutableArray.CreateBuilder<BudgetRelaxation>();
        for (int c = 0; c < limits.Length; c++)
        {
            int best = -1;
            double least = double.PositiveInfinity;
            for (int i = 0; i < figures.Length / columns; i++)
            {
                var point = figures.Slice(i * columns, columns);
                double excess = limits[c].RelativeExcess(point[limits[c].Column], scales[c]);
                if (!double.IsFinite(excess) || excess > least || !MeetsOthers(point, limits, c)) continue;
                if (excess == least && !IsBetter(point, figures.Slice(best * columns, columns), goals)) continue;
                (best, least) = (i, excess);
            }

            if (best >= 0) relaxations.Add(new BudgetRelaxation(c, figures[best * columns + limits[c].Column], least, best));
        }

        return [.. relaxations.OrderBy(relaxation => relaxation.Relative)];
    }

    static bool MeetsOthers(ReadOnlySpan<double> point, ReadOnlySpan<BudgetLimit> limits, int left)
    {
        for (int c = 0; c < limits.Length; c++)
        {
            if (c != left && !limits[c].IsMet(point[limits[c].Column])) return false;
        }

        return true;
    }

    // The largest relative excess over a limit, and the sum of all of them for points that are equal in it.
    readonly record struct Distance(double Largest, double Sum)
    {
        public static Distance Of(ReadOnlySpan<double> point, ReadOnlySpan<BudgetLimit> limits, double[] scales)
        {
            double largest = 0, sum = 0;
            for (int c = 0; c < limits.Length; c++)
            {
                double excess = limits[c].RelativeExcess(point[limits[c].Column], scales[c]);
                largest = Math.Max(largest, excess);
                sum += excess;
            }

            return new Distance(largest, sum);
        }

        public bool IsLess(Distance other) => Largest < other.Largest || (Largest == other.Largest && Sum < other.Sum);
    }
}
