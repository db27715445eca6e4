using System.Collections.Immutable;

namespace Kneepoint.Pareto;

/// <summary>A limit on one column of figures.</summary>
/// <param name="Column">Which figure.</param>
/// <param name="Limit">In the figure's unit.</param>
/// <param name="IsUpper">The figure may be at most the limit; else at least.</param>
public readonly record struct BudgetLimit(int Column, double Limit, bool IsUpper)
{
    /// <summary>Whether a figure keeps within the limit; NaN does not.</summary>
    public bool IsMet(double figure) => IsUpper ? figure <= Limit : figure >= Limit;

    // At least the least positive number where the limit is not met, however the division rounds.
    internal double RelativeExcess(double figure, double scale)
    {
        if (IsMet(figure)) return 0;
        if (double.IsNaN(figure)) return double.PositiveInfinity;
        return Math.Max(double.Epsilon, (IsUpper ? figure - Limit : Limit - figure) / scale);
    }
}

/// <summary>What makes one point better than another.</summary>
/// <param name="Column">Which figure.</param>
/// <param name="IsMaximized">Larger is better; else smaller.</param>
public readonly record struct BudgetGoal(int Column, bool IsMaximized);

/// <summary>How far one limit has to give way.</summary>
/// <param name="Limit">Index of the limit.</param>
/// <param name="Figure">The limit that would do, in the figure's unit.</param>
/// <param name="Relative">The step from the limit to the figure, relative to the limit.</param>
/// <param name="Index">The point that it admits.</param>
public sealed record BudgetRelaxation(int Limit, double Figure, double Relative, int Index);

/// <summary>The best point within limits, or the nearest one.</summary>
public sealed record BudgetAnswer
{
    /// <summary>Whether a point keeps within all limits.</summary>
    public required bool IsFeasible { get; init; }

    /// <summary>
    /// The best point if feasible; else the point with the least largest relative excess over the limits, by the sum of excesses and then by the goals
    /// where equal; −1 if no point has all limited figures.
    /// </summary>
    public required int Index { get; init; }

    /// <summary>Infeasible only: the limits that must give way together to admit <see cref="Index"/>.</summary>
    public ImmutableArray<BudgetRelaxation> Together { get; init; } = [];

    /// <summary>Infeasible only: for each limit that could give way alone, the least step that admits a point; the smallest relative step first.</summary>
    public ImmutableArray<BudgetRelaxation> Alone { get; init; } = [];
}
