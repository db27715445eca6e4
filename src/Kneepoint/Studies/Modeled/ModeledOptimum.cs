using System.Collections.Immutable;
using Kneepoint.Pareto.Choices;
using Kneepoint.Search;
using Kneepoint.Search.Space;

namespace Kneepoint.Studies.Modeled;

/// <summary>The best recipe of a space's model within budgets on its costs, with proof and prices.</summary>
/// <remarks>For each form of the network the choices of all groups are a multiple-choice knapsack with one budget for each cost that is limited (<see cref="ChoiceOptimum"/>); the best form wins. Exact for the model, in which divergences and costs add up; not measured.</remarks>
/// <param name="Recipe">The recipe.</param>
/// <param name="Loss">The modeled loss of accuracy, as a share of the baseline's figure.</param>
/// <param name="LossBound">No recipe of the model within the budgets loses less.</param>
/// <param name="IsProved">The search for the best came to its end.</param>
/// <param name="Costs">The modeled costs.</param>
/// <param name="Prices">For each budget the loss, a share of the baseline's figure, that one more unit of it takes away; 0 where it does not bind.</param>
public sealed record ModeledOptimum(Recipe Recipe, double Loss, double LossBound, bool IsProved, ImmutableArray<double> Costs, ImmutableArray<double> Prices)
{
    /// <summary>How far the recipe may be from the best one of the model, in percent of its loss.</summary>
    public double GapPercent => Loss > LossBound ? 100 * (Loss - LossBound) / Loss : 0;

    /// <summary>Finds the best recipe.</summary>
    /// <param name="model">The model.</param>
    /// <param name="limits">The most that each of the model's costs may be; infinite where it is not limited.</param>
    /// <returns>Null where no recipe of the model keeps the budgets.</returns>
    public static ModeledOptimum? Of(SpaceModel model, ReadOnlySpan<double> limits)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (limits.Length != model.Costs.Length) throw new ArgumentException($"Expected {model.Costs.Length} limits, found {limits.Length}.", nameof(limits));
        double[] all = [.. limits];
        int[] limited = [.. Enumerable.Range(0, all.Length).Where(k => double.IsFinite(all[k]))];
        ModeledOptimum? best = null;
        double bound = double.PositiveInfinity;
        bool isProved = true;
        foreach (var form in model.Forms)
        {
            var problem = ProblemOf(model, form, limited);
            double[] budgets = [.. limited.Select((k, j) => all[k] - problem.Least[j])];
            if (budgets.Any(budget => budget < 0)) continue;
            var found = ChoiceOptimum.Of(problem.Groups, budgets);
            if (found.IsInfeasible) continue;
            bound = Math.Min(bound, model.Curve.Of(form.Divergence + found.LowerBound));
            isProved &= found.IsOptimal;
            if (found.Choice.IsDefault) continue;
            double divergence = form.Divergence + found.Loss, loss = model.Curve.Of(divergence);
            if (best is not null && loss >= best.Loss) continue;
            double slope = divergence > 0 ? model.Curve.SlopeOf(divergence) / divergence : 0;
            double[] prices = new double[all.Length];
            for (int j = 0; j < limited.Length; j++) prices[limited[j]] = found.Prices[j] * slope;
            ImmutableArray<int> choice = [.. found.Choice.Select((place, group) => problem.Places[group][place])];
            best = new ModeledOptimum(RecipeOf(model, form, choice), loss, 0, true, CostsOf(model, form, choice), [.. prices]);
        }

        return best is null ? null : best with { LossBound = Math.Min(bound, best.Loss), IsProved = isProved };
    }

    /// <summary>A form's choices as a knapsack with budgets on some of the model's costs, by their places.</summary>
    internal static FormProblem ProblemOf(SpaceModel model, ModeledForm form, int[] limited) => FormProblem.Of([.. model.Groups.Select(group => group.Choices.Select(choice => choice.Divergence).ToArray())],
        (group, choice, cost) => model.Groups[group].Choices[choice].Added[limited[cost]] * form.Shares[group], [.. limited.Select(k => form.Costs[k])]);

    /// <summary>The modeled costs of a choice for each group.</summary>
    internal static ImmutableArray<double> CostsOf(SpaceModel model, ModeledForm form, ImmutableArray<int> choice) =>
        [.. form.Costs.Select((cost, k) => cost + choice.Select((place, group) => model.Groups[group].Choices[place].Added[k] * form.Shares[group]).Sum())];

    static Recipe RecipeOf(SpaceModel model, ModeledForm form, ImmutableArray<int> choice) =>
        new([.. Recipe.Parse(form.Recipe).Steps, .. ModeledPlace.TableOf(model).Compose(choice).Steps]);
}
