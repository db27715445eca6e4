using System.Collections.Immutable;

namespace Kneepoint.Pareto.Choices;

/// <summary>One option for each group with the least sum of losses within all budgets on the sums of costs, with its proof.</summary>
/// <remarks>
/// The multiple-choice knapsack with any number of budgets. For any prices λ ≥ 0, Σ_groups min_options (loss + λ·costs) − λ·budgets is a lower bound (Lagrange); the largest of them equals the linear relaxation, in which
/// groups may mix their options. It is solved by the dual simplex method (<see cref="ChoiceSimplex"/>) and closed by branch and bound (<see cref="ChoiceSearch"/>). Every bound is evaluated anew from its prices and lowered
/// by more than rounding can have raised it, so no error of the simplex method can make it wrong; whether a choice keeps the budgets is decided by compensated sums of its costs in the order of the groups. Work is limited by
/// a number of nodes, never by a clock. Deterministic: ties go to the lower loss and then to the lower index.
/// Source: [Kellerer2004] chapter 11; [Shoham1988] for the prices of one budget.
/// </remarks>
public sealed record ChoiceOptimum
{
    /// <summary>Nodes that a search takes at most unless told otherwise: some seconds for hundreds of groups.</summary>
    public const int UsualNodes = 500_000;

    /// <summary>The best choice found: for each group the index of its option. Default where none within the budgets was met.</summary>
    public required ImmutableArray<int> Choice { get; init; }

    /// <summary>The loss of <see cref="Choice"/>; infinite where there is none.</summary>
    public required double Loss { get; init; }

    /// <summary>No choice within the budgets has a smaller loss; infinite where it is proved that there is none.</summary>
    public required double LowerBound { get; init; }

    /// <summary>The bound of the relaxation, in which groups mix their options: the lower convex hull of all sums at the budgets; infinite where not even mixtures keep them.</summary>
    public required double RelaxedBound { get; init; }

    /// <summary>The price of each budget where the relaxation is best: loss that one more unit of the budget takes away. 0 where a budget does not bind.</summary>
    public required ImmutableArray<double> Prices { get; init; }

    /// <summary>The search has come to its end: no choice has a loss that is smaller by more than rounding.</summary>
    public required bool IsOptimal { get; init; }

    /// <summary>Nodes that were searched.</summary>
    public required int Nodes { get; init; }

    /// <summary>It is proved that no choice keeps the budgets.</summary>
    public bool IsInfeasible => double.IsPositiveInfinity(LowerBound);

    /// <summary>How far the choice may be from the best one: loss − bound, at least 0; infinite where no choice was met, NaN where there is none.</summary>
    public double Gap => Loss - LowerBound;

    /// <summary><see cref="Gap"/> in percent of the loss.</summary>
    public double GapPercent => Percent(Gap);

    /// <summary>How far the choice is from the bound of the relaxation, in percent of the loss.</summary>
    public double RelaxedGapPercent => Percent(Loss - RelaxedBound);

    /// <summary>Finds the best choice.</summary>
    /// <param name="groups">The options of each group, at least one each, all with one cost for each budget.</param>
    /// <param name="budgets">Limits on the sums of costs; finite, at least 0. None is allowed.</param>
    /// <param name="mostNodes">Nodes to search at most, at least 1; 1 gives the relaxation and what rounding makes of it.</param>
    /// <exception cref="ArgumentException">A group has no option, an option has more or fewer costs than there are budgets, or the sum of all figures overflows.</exception>
    public static ChoiceOptimum Of(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, ReadOnlySpan<double> budgets, int mostNodes = UsualNodes)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostNodes, 1);
        Check(groups, budgets);
        var problem = new ChoiceProblem(groups, budgets);
        return new ChoiceSearch(problem).Run(mostNodes);
    }

    internal static void Check(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, ReadOnlySpan<double> budgets)
    {
        foreach (double budget in budgets)
        {
            if (!(budget >= 0 && double.IsFinite(budget))) throw new ArgumentOutOfRangeException(nameof(budgets), budget, "A budget must be finite and at least 0.");
        }

        double sum = 0;
        for (int group = 0; group < groups.Count; group++)
        {
            if (groups[group].Count == 0) throw new ArgumentException($"Group {group} has no option.", nameof(groups));
            foreach (var option in groups[group])
            {
                if (option.Costs.Length != budgets.Length)
                {
                    throw new ArgumentException($"An option of group {group} has {option.Costs.Length} costs for {budgets.Length} budgets.", nameof(groups));
                }

                sum += Math.Abs(option.Loss) + option.Costs.Sum();
            }
        }

        if (!double.IsFinite(sum)) throw new ArgumentException("Losses or costs are too large to be summed.", nameof(groups));
    }

    double Percent(double gap) => gap == 0 ? 0 : 100 * gap / Math.Abs(Loss);
}
