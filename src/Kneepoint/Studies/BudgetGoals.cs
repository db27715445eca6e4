using Kneepoint.Measurement;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Translates budgets into what the search aims at.</summary>
static class BudgetGoals
{
    /// <summary>A goal for each budget that the search can steer by; the others decide only which variant is chosen.</summary>
    /// <param name="budgets">The budgets.</param>
    /// <param name="baseline">The baseline's figures; null where it was not measured, which leaves out what depends on them.</param>
    /// <param name="baselineCost">The baseline's cost in the search's model; null where not known.</param>
    public static IReadOnlyList<SearchGoal> Of(IEnumerable<Budget> budgets, Measured? baseline, double? baselineCost) =>
    [
        .. budgets.Select(budget => budget.Figure switch
        {
            "fileBytes" => new SearchGoal(SearchGoalKind.FileBytes, budget.Limit),
            "latency" => Cost(budget.Limit / baseline?.Compute.LatencyMilliseconds?.Value * baselineCost),
            "accuracyChange" => Loss(budget, 0, baseline),
            "accuracy" => Loss(budget, baseline?.Accuracy.Value ?? 0, baseline),
            _ => null,
        }).OfType<SearchGoal>(),
    ];

    /// <summary>What losses are shares of: the baseline's figure, since a metric may have any unit; 1 where that is 0.</summary>
    public static double LossUnit(double baselineAccuracy) => baselineAccuracy == 0 ? 1 : Math.Abs(baselineAccuracy);

    static SearchGoal? Cost(double? cost) => cost is { } limit ? new SearchGoal(SearchGoalKind.Cost, limit) : null;

    // The loss that is allowed, from where there is none; negative where the budget asks for more than the baseline gives.
    static SearchGoal? Loss(Budget budget, double origin, Measured? baseline) => baseline is null
        ? null
        : new SearchGoal(SearchGoalKind.Loss, (budget.IsUpper ? budget.Limit - origin : origin - budget.Limit) / LossUnit(baseline.Accuracy.Value));
}
