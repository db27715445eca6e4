using Kneepoint.Pareto.Choices;

namespace Kneepoint.Studies.Modeled;

/// <summary>A form's choices as a knapsack: costs start at the least of their group, which the budgets give up.</summary>
/// <param name="Groups">For each group its choices that can be made: divergence, and cost above the group's least.</param>
/// <param name="Places">Their places among all choices of the group.</param>
/// <param name="Least">The least of each limited cost.</param>
sealed record FormProblem(ChoiceOption[][] Groups, int[][] Places, double[] Least)
{
    /// <summary>The problem of a form.</summary>
    /// <param name="model">The model.</param>
    /// <param name="form">One of its forms.</param>
    /// <param name="limited">Places of the costs that have a budget.</param>
    public static FormProblem Of(SpaceModel model, ModeledForm form, int[] limited)
    {
        int[][] places = [.. model.Groups.Select(group => Enumerable.Range(0, group.Choices.Length).Where(place => double.IsFinite(group.Choices[place].Divergence)).ToArray())];
        double[] least = [.. limited.Select(k => form.Costs[k])];
        var groups = new ChoiceOption[places.Length][];
        for (int group = 0; group < places.Length; group++)
        {
            var choices = places[group].Select(place => model.Groups[group].Choices[place]).ToArray();
            double[] from = [.. limited.Select(k => choices.Min(choice => choice.Added[k]) * form.Shares[group])];
            for (int j = 0; j < least.Length; j++) least[j] += from[j];
            groups[group] = [.. choices.Select(choice => new ChoiceOption(choice.Divergence, [.. limited.Select((k, j) => Math.Max(0, choice.Added[k] * form.Shares[group] - from[j]))]))];
        }

        return new FormProblem(groups, places, least);
    }
}
