using Kneepoint.Pareto.Choices;

namespace Kneepoint.Search.Space;

/// <summary>The choices of a form of the network as a knapsack: costs start at the least of their group, which the budgets give up.</summary>
/// <param name="Groups">For each group its choices that can be made: divergence, and cost above the group's least.</param>
/// <param name="Places">Their places among all choices of the group.</param>
/// <param name="Least">The least of each limited cost.</param>
sealed record FormProblem(ChoiceOption[][] Groups, int[][] Places, double[] Least)
{
    /// <summary>The problem of a form.</summary>
    /// <param name="divergences">Of each choice of each group; infinite where it cannot be made, finite for one of each group at least.</param>
    /// <param name="added">What a choice of a group adds to a limited cost: group, choice, cost.</param>
    /// <param name="untreated">Each limited cost with no layer treated.</param>
    public static FormProblem Of(IReadOnlyList<IReadOnlyList<double>> divergences, Func<int, int, int, double> added, IReadOnlyList<double> untreated)
    {
        int[][] places = [.. divergences.Select(choices => Enumerable.Range(0, choices.Count).Where(place => double.IsFinite(choices[place])).ToArray())];
        double[] least = [.. untreated];
        var groups = new ChoiceOption[places.Length][];
        for (int group = 0; group < places.Length; group++)
        {
            double[][] sums = [.. places[group].Select(place => untreated.Select((_, cost) => added(group, place, cost)).ToArray())];
            double[] from = [.. untreated.Select((_, cost) => sums.Min(sum => sum[cost]))];
            for (int cost = 0; cost < least.Length; cost++) least[cost] += from[cost];
            groups[group] = [.. places[group].Select((place, i) => new ChoiceOption(divergences[group][place], [.. sums[i].Select((sum, cost) => Math.Max(0, sum - from[cost]))]))];
        }

        return new FormProblem(groups, places, least);
    }
}
