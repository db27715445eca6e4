using Kneepoint.Pareto.Choices;

namespace Kneepoint.Limits.Size;

/// <summary>How good the best option for every layer within all budgets can be, and what a unit of each budget is worth there.</summary>
/// <remarks>The multiple-choice knapsack whose groups are layers: <see cref="ChoiceOptimum"/>.</remarks>
public static class BudgetOptimum
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('Q', "Budget optimum", LimitStatus.True,
        "TRUE for the model: losses of layers add up as the table says, and so do their costs");

    /// <summary>Bounds the optimum and finds it.</summary>
    /// <param name="layers">The options of each layer, at least one each, all with one cost for each budget.</param>
    /// <param name="budgets">Limits on the sums of costs; finite, at least 0.</param>
    /// <exception cref="ArgumentException">A layer has no option, or an option has more or fewer costs than there are budgets.</exception>
    public static ChoiceOptimum Of(IReadOnlyList<IReadOnlyList<ChoiceOption>> layers, ReadOnlySpan<double> budgets) => ChoiceOptimum.Of(layers, budgets);
}
