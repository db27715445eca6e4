using System.Collections.Immutable;

namespace Kneepoint.Pareto.Choices;

/// <summary>How far budgets have to give way where no choice keeps them all.</summary>
/// <remarks>
/// Alone: the least sum of one cost within all other budgets, which is the same problem with that cost as its loss. Together: the least t such that some choice keeps every budget · (1 + t), where the relaxation has one more
/// column that all budgets share (<see cref="ChoiceProblem.Reliefs"/>). Both are exact unless the number of nodes ends the search.
/// </remarks>
public sealed record ChoiceShortfall
{
    /// <summary>For each budget that could give way alone the smallest limit that admits a choice, by rising relative step; the first names the budget that binds.</summary>
    public required ImmutableArray<BudgetRelief> Alone { get; init; }

    /// <summary>The smallest relative step that is the same for all budgets.</summary>
    public required CommonRelief Together { get; init; }

    /// <summary>Finds the smallest steps; 0 where a choice keeps all budgets.</summary>
    /// <param name="groups">The options of each group, at least one each, all with one cost for each budget.</param>
    /// <param name="budgets">Limits on the sums of costs, at least one; finite, at least 0.</param>
    /// <param name="mostNodes">Nodes to search at most for each step, at least 1.</param>
    /// <exception cref="ArgumentException">There is no budget, a group has no option, or an option has more or fewer costs than there are budgets.</exception>
    public static ChoiceShortfall Of(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, ReadOnlySpan<double> budgets, int mostNodes = ChoiceOptimum.UsualNodes)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostNodes, 1);
        if (budgets.IsEmpty) throw new ArgumentException("Expected at least one budget; found none.", nameof(budgets));
        ChoiceOptimum.Check(groups, budgets);
        double[] all = [.. budgets], scales = [.. all.Select((budget, j) => Scale(groups, budget, j))];
        var alone = Enumerable.Range(0, all.Length).Select(j => GiveWay(groups, all, j, scales[j], mostNodes)).OfType<BudgetRelief>().OrderBy(relief => relief.Relative);
        return new ChoiceShortfall { Alone = [.. alone], Together = GiveWay(groups, all, scales, mostNodes) };
    }

    static double Scale(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, double limit, int budget)
    {
        double scale = limit > 0 ? limit : groups.Sum(options => options.Max(option => option.Costs[budget]));
        return scale > 0 ? scale : 1;
    }

    // Null where the other budgets admit no choice, or none was met.
    static BudgetRelief? GiveWay(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, double[] budgets, int budget, double scale, int mostNodes)
    {
        ChoiceOption[][] turned = [.. groups.Select(options => options.Select(option => new ChoiceOption(option.Costs[budget], option.Costs.RemoveAt(budget).AsSpan())).ToArray())];
        double[] others = [.. budgets.Where((_, j) => j != budget)];
        var found = ChoiceOptimum.Of(turned, others, mostNodes);
        if (found.Choice.IsDefault) return null;
        double limit = Math.Max(budgets[budget], found.Loss);
        return new BudgetRelief(budget, limit, (limit - budgets[budget]) / scale, found.IsOptimal || limit == budgets[budget], found.Choice);
    }

    static CommonRelief GiveWay(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, double[] budgets, double[] scales, int mostNodes)
    {
        ChoiceOption[][] free = [.. groups.Select(options => options.Select(option => new ChoiceOption(0, option.Costs.AsSpan())).ToArray())];
        var problem = new ChoiceProblem(free, budgets, scales);
        var found = new ChoiceSearch(problem).Run(mostNodes);
        double[] sums = [.. budgets.Select((_, j) => Sum(groups, found.Choice, j))];
        return new CommonRelief(found.Loss, Math.Max(0, found.LowerBound), [.. budgets.Select((budget, j) => Math.Max(budget + found.Loss * scales[j], sums[j]))], found.IsOptimal, found.Choice);
    }

    static double Sum(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, ImmutableArray<int> choice, int budget)
    {
        var sum = default(CompensatedSum);
        for (int g = 0; g < groups.Count; g++) sum.Add(groups[g][choice[g]].Costs[budget]);
        return sum.Value;
    }
}

/// <summary>How far one budget has to give way alone.</summary>
/// <param name="Budget">Which one.</param>
/// <param name="Limit">The limit that admits a choice within the others, in the budget's unit.</param>
/// <param name="Relative">The step from the budget to the limit, relative to the budget; where that is 0, to the sum of the largest costs.</param>
/// <param name="IsLeast">It is proved that no smaller limit does.</param>
/// <param name="Choice">What it admits: for each group the index of its option.</param>
public sealed record BudgetRelief(int Budget, double Limit, double Relative, bool IsLeast, ImmutableArray<int> Choice);

/// <summary>How far all budgets have to give way together.</summary>
/// <param name="Relative">The step, relative to each budget; for a budget of 0, to the sum of the largest costs.</param>
/// <param name="LeastRelative">No smaller step does.</param>
/// <param name="Limits">The limits after the step.</param>
/// <param name="IsLeast">It is proved that no step does that is smaller by more than rounding.</param>
/// <param name="Choice">What they admit: for each group the index of its option.</param>
public sealed record CommonRelief(double Relative, double LeastRelative, ImmutableArray<double> Limits, bool IsLeast, ImmutableArray<int> Choice);
