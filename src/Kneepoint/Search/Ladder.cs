using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>What a ladder makes smaller at the price of accuracy.</summary>
public enum LadderAxis
{
    /// <summary>Bytes of the file.</summary>
    FileBytes,

    /// <summary>The cost of running.</summary>
    Cost,
}

/// <summary>Recipes between the baseline and the smallest network that the choices allow.</summary>
/// <remarks>
/// Losses of layers are taken to add up, which is a model: the trials decide. Known weakness: errors of layers can cancel or amplify each other; <see cref="LadderRefinement"/>
/// corrects the ladder by what the trials showed.
/// Deterministic: no seed, no clock; the same table gives the same recipes.
/// </remarks>
public static class Ladder
{
    /// <summary>Recipes worth trying, best first.</summary>
    /// <remarks>
    /// First the uniform ones, each method on all layers that take it, in the table's order; then steps on the whole network; then the smallest network by each
    /// axis; then rungs between, at sizes in geometric progression, the middle first and then the middles of what is left, the axes in turn: whenever the trials end, the
    /// rungs tried so far are spread evenly. Each rung is the least loss at its size (multiple-choice knapsack).
    /// </remarks>
    /// <param name="table">The choices with their losses.</param>
    /// <param name="count">Recipes wanted at most, those already known not counted.</param>
    /// <param name="axes">What to trade for accuracy; each at most once.</param>
    /// <param name="known">Ids of recipes that need not be proposed; the baseline never is.</param>
    /// <param name="wholeNetwork">Steps on the whole network that are worth a trial of their own.</param>
    /// <returns>Distinct recipes; fewer than asked for if there are no more.</returns>
    public static ImmutableArray<Recipe> Propose(ChoiceTable table, int count, IReadOnlyList<LadderAxis> axes, IReadOnlySet<string> known,
        IEnumerable<Step>? wholeNetwork = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var proposals = new ProposalList(count, known);
        foreach (var method in table.Methods)
        {
            if (table.Uniform(method) is { } assignment) proposals.Add(table.Compose(assignment));
        }

        foreach (var step in wholeNetwork ?? []) proposals.Add(new Recipe([step]));
        LadderRungs[] ladders = [.. axes.Select(axis => new LadderRungs(table, axis))];
        foreach (var ladder in ladders) proposals.Add(table.Compose(ladder.Smallest()));
        AddRungs(table, ladders, proposals);
        return proposals.ToImmutable();
    }

    // 1/2, 1/4, 3/4, 1/8, 3/8, ...: ever finer, until everything has been asked for or a whole level brought nothing new.
    static void AddRungs(ChoiceTable table, LadderRungs[] ladders, ProposalList proposals)
    {
        const int FinestParts = 1 << 12;
        for (int parts = 2; parts <= FinestParts && !proposals.IsFull; parts *= 2)
        {
            int before = proposals.Count;
            for (int part = 1; part < parts; part += 2)
            {
                foreach (var ladder in ladders)
                {
                    if (!proposals.IsFull && ladder.AtFraction(part / (double)parts) is { } rung) proposals.Add(table.Compose(rung));
                }
            }

            if (proposals.Count == before && parts > 64) return;
        }
    }
}
