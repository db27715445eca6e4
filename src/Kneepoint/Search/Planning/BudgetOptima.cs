using Kneepoint.Pareto.Choices;
using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Search.Planning;

/// <summary>The places of least divergence within budgets, one for each form of the network: exact where divergences and costs add up (<see cref="ChoiceOptimum"/>).</summary>
/// <remarks>Sums err, so the optima of somewhat smaller budgets are there too: what is just too large by a look at it has a smaller neighbor that is not.</remarks>
static class BudgetOptima
{
    static readonly double[] Shares = [1, 0.95, 0.85, 0.7];

    /// <summary>Finds them.</summary>
    /// <param name="space">The space.</param>
    /// <param name="costs">The models of cost.</param>
    /// <param name="limits">The most that each cost may be; infinite where there is no budget.</param>
    public static IEnumerable<Genome> Of(SearchSpace space, IReadOnlyList<ICostModel> costs, IReadOnlyList<double> limits)
    {
        int[] limited = [.. Enumerable.Range(0, costs.Count).Where(k => double.IsFinite(limits[k]))];
        if (limited.Length == 0) yield break;
        var groups = space.Table.Groups;
        for (int form = 0; form < space.Forms.Length; form++)
        {
            int[][] places = [.. groups.Select(group => Enumerable.Range(0, group.Choices.Length).Where(place => double.IsFinite(group.Choices[place].Loss)).ToArray())];
            if (places.Any(choices => choices.Length == 0)) yield break;
            double[] least = [.. limited.Select(k => costs[k].OfForm(space.Forms[form]))];
            var options = new ChoiceOption[groups.Length][];
            for (int group = 0; group < groups.Length; group++)
            {
                double[][] added = [.. places[group].Select(place => limited.Select(k => costs[k].AddedWithShare(group, place) * space.Forms[form].Shares[group]).ToArray())];
                double[] from = [.. limited.Select((_, j) => added.Min(sums => sums[j]))];
                for (int j = 0; j < least.Length; j++) least[j] += from[j];
                options[group] = [.. places[group].Select((place, i) => new ChoiceOption(groups[group].Choices[place].Loss, [.. added[i].Select((sum, j) => Math.Max(0, sum - from[j]))]))];
            }

            foreach (double share in Shares)
            {
                double[] budgets = [.. limited.Select((k, j) => share * limits[k] - least[j])];
                if (budgets.Any(budget => budget < 0)) break;
                if (ChoiceOptimum.Of(options, budgets) is not { IsInfeasible: false, Choice.IsDefault: false } found) continue;
                int[] choices = [.. found.Choice.Select((option, group) => places[group][option])];
                for (int fitted = 0; fitted < space.GeneSizes[1]; fitted++) yield return new Genome(form, fitted != 0, choices);
            }
        }
    }
}
