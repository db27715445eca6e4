using System.Collections.Immutable;

namespace Kneepoint.Search.Planning;

/// <summary>The order in which recipes are tried that were chosen together: what costs least comes first, since it is a rival for those that cost more and may spare them most of the samples.</summary>
/// <remarks>By the sum of the costs as shares of the baseline's: what costs no more in everything is never tried after what it may rival. Recipes that cost the same stay in their order.</remarks>
static class CheapestFirst
{
    /// <summary>Sorts a plan.</summary>
    /// <param name="plan">The recipes.</param>
    /// <param name="baselines">The baseline's costs, in the order of the plan's.</param>
    public static ImmutableArray<PlannedRecipe> Of(IEnumerable<PlannedRecipe> plan, IReadOnlyList<double> baselines) =>
        [.. plan.OrderBy(planned => planned.Costs.Zip(baselines, (cost, baseline) => cost / baseline).Sum())];

    /// <summary>Sorts assignments of a table by the bytes that it states.</summary>
    public static ImmutableArray<ImmutableArray<int>> Of(IEnumerable<ImmutableArray<int>> assignments, ChoiceTable table) =>
        [.. assignments.OrderBy(assignment => assignment.Select((choice, group) => table.Groups[group].Choices[choice].FileBytes).Sum())];
}
