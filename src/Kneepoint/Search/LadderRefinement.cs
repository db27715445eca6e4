using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Recipes for the gaps of a measured frontier, and for the neighborhood of budgets.</summary>
/// <remarks>
/// A gap between two neighbors of the frontier is worth the area of the rectangle between them: the most hypervolume that a recipe in it can add.
/// Each gap is bisected: the rung of the ladder at the geometric mean of the neighbors' sizes, and where that is known already, a mixture that treats each layer as the one or the other
/// neighbor does. Estimated and measured sizes differ by what the estimate does not know; the ratio at the neighbors corrects for it.
/// Budgets come first: the ladder at the budget's size, and the bisection of the two neighbors on both sides of the limit.
/// Deterministic: no seed, no clock.
/// </remarks>
public static class LadderRefinement
{
    // A gap narrower than 1 % of the size is below what file sizes and clocks tell apart.
    const double LeastLogGap = 0.01;

    // Halves, quarters and eighths of a gap; beyond that other gaps are worth more.
    static readonly double[] Fractions = [1 / 2d, 1 / 4d, 3 / 4d, 1 / 8d, 3 / 8d, 5 / 8d, 7 / 8d];

    /// <summary>Recipes worth trying next, best first.</summary>
    /// <param name="table">The choices with their losses.</param>
    /// <param name="measured">What the trials showed, the baseline among them.</param>
    /// <param name="count">Recipes wanted at most.</param>
    /// <param name="axes">What is traded for accuracy.</param>
    /// <param name="goals">Budgets; may be empty.</param>
    /// <param name="known">Ids of all recipes tried, failed ones included.</param>
    /// <returns>Distinct recipes; none if the ladder has nothing between the neighbors any more.</returns>
    public static ImmutableArray<Recipe> Propose(ChoiceTable table, IReadOnlyList<MeasuredRecipe> measured, int count,
        IReadOnlyList<LadderAxis> axes, IReadOnlyList<SearchGoal> goals, IReadOnlySet<string> known)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(goals);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var proposals = new ProposalList(count, known);
        MeasuredLadder[] ladders = [.. axes.Select(axis => new MeasuredLadder(table, axis, measured))];
        foreach (var goal in goals)
        {
            foreach (var ladder in ladders) AddTowards(goal, ladder, proposals);
        }

        // All gaps of all axes together, the largest first; each pass takes one recipe of each gap, so that no gap takes them all.
        var gaps = ladders.SelectMany(ladder => ladder.Gaps(LeastLogGap).Select(gap => (Ladder: ladder, Gap: gap))).OrderByDescending(entry => entry.Gap.Area).ToArray();
        var wanted = gaps.Select(entry => Fractions.SelectMany(fraction => entry.Ladder.Inside(entry.Gap, fraction)).GetEnumerator()).ToArray();
        bool isAnyLeft = true;
        while (isAnyLeft && !proposals.IsFull)
        {
            isAnyLeft = false;
            foreach (var recipes in wanted) isAnyLeft |= AddNext(recipes, proposals);
        }

        return proposals.ToImmutable();
    }

    static bool AddNext(IEnumerator<Recipe> recipes, ProposalList proposals)
    {
        while (!proposals.IsFull && recipes.MoveNext())
        {
            if (proposals.Add(recipes.Current)) return true;
        }

        return false;
    }

    static void AddTowards(SearchGoal goal, MeasuredLadder ladder, ProposalList proposals)
    {
        var axisOfGoal = goal.Kind switch { SearchGoalKind.FileBytes => LadderAxis.FileBytes, SearchGoalKind.Cost => LadderAxis.Cost, _ => (LadderAxis?)null };
        if (axisOfGoal is { } axis && axis != ladder.Axis) return;
        if (axisOfGoal is not null) AddFirstNew(ladder.AtMeasuredSize(goal.Limit), proposals);
        if (ladder.GapAround(goal, LeastLogGap) is { } gap) AddFirstNew(Fractions.SelectMany(fraction => ladder.Inside(gap, fraction)), proposals);
    }

    static void AddFirstNew(IEnumerable<Recipe> recipes, ProposalList proposals)
    {
        foreach (var recipe in recipes)
        {
            if (proposals.Add(recipe)) return;
        }
    }
}
