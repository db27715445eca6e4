using Kneepoint.Measurement;

namespace Kneepoint.Studies;

/// <summary>Translates budgets into what the search aims at.</summary>
public static class BudgetGoals
{
    /// <summary>The most that may be lost, as a share of the baseline's figure; negative where more than the baseline is asked for, infinite where there is no budget on accuracy.</summary>
    /// <param name="budgets">The budgets.</param>
    /// <param name="baseline">The baseline's figures.</param>
    public static double LossLimit(IEnumerable<Budget> budgets, Measured baseline) => budgets.Select(budget => budget.Figure switch
    {
        "accuracyChange" => Loss(budget, 0, baseline),
        "accuracy" => Loss(budget, baseline.Accuracy.Value, baseline),
        _ => double.PositiveInfinity,
    }).DefaultIfEmpty(double.PositiveInfinity).Min();

    /// <summary>What losses are shares of: the baseline's figure, since a metric may have any unit; 1 where that is 0.</summary>
    public static double LossUnit(double baselineAccuracy) => baselineAccuracy == 0 ? 1 : Math.Abs(baselineAccuracy);

    // The loss that is allowed, from where there is none.
    static double Loss(Budget budget, double origin, Measured baseline) => (budget.IsUpper ? budget.Limit - origin : origin - budget.Limit) / LossUnit(baseline.Accuracy.Value);
}
