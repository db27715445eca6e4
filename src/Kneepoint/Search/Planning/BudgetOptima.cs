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
        double[][] divergences = [.. space.Table.Groups.Select(group => group.Choices.Select(choice => choice.Loss).ToArray())];
        if (limited.Length == 0 || !divergences.All(choices => choices.Any(double.IsFinite))) yield break;
        for (int form = 0; form < space.Forms.Length; form++)
        {
            var shares = space.Forms[form].Shares;
            var problem = FormProblem.Of(divergences, (group, choice, cost) => costs[limited[cost]].AddedWithShare(group, choice) * shares[group], [.. limited.Select(k => costs[k].OfForm(space.Forms[form]))]);
            foreach (double share in Shares)
            {
                double[] budgets = [.. limited.Select((k, cost) => share * limits[k] - problem.Least[cost])];
                if (budgets.Any(budget => budget < 0)) break;
                if (ChoiceOptimum.Of(problem.Groups, budgets) is not { IsInfeasible: false, Choice.IsDefault: false } found) continue;
                int[] choices = [.. found.Choice.Select((option, group) => problem.Places[group][option])];
                for (int fitted = 0; fitted < space.GeneSizes[1]; fitted++) yield return new Genome(form, fitted != 0, choices);
            }
        }
    }
}
