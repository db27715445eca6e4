using System.Collections.Immutable;

namespace Kneepoint.Limits.Size;

/// <summary>How good the best choice for every layer within all budgets can be, and what a unit of each budget is worth there.</summary>
/// <remarks>
/// The multiple-choice knapsack: one option for each layer, losses and costs add up, Σ costs ≤ budgets, Σ losses least. For any prices λ ≥ 0,
/// Σ_layers min_options (loss + λ·costs) − λ·budgets is a lower bound on it (Lagrange); the largest of them equals the linear relaxation, in which layers may mix their options, and is
/// reached by column generation (<see cref="BudgetRelaxationSolver"/>). For a single budget that is the lower convex hull of the sums. The bound that is given is evaluated anew at the prices and
/// lowered by more than rounding can have raised it, so it holds even where the search for prices was cut short.
/// The best choice is the best of those that the search met within the budgets, each improved one layer at a time; it need not be optimal. Cost: one pass over all options for
/// each of some tens of prices. Deterministic: ties go to the lower index.
/// Source: [Kellerer2004] chapter 11; [Shoham1988] for one budget.
/// </remarks>
public sealed record BudgetOptimum
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('Q', "Budget optimum", LimitStatus.True,
        "TRUE for the model: losses of layers add up as the table says, and so do their costs");

    /// <summary>No choice within the budgets has a smaller modeled loss; infinite where it is proved that there is none.</summary>
    public required double LowerBound { get; init; }

    /// <summary>The price of each budget at the optimum: modeled loss that one more unit of it takes away. 0 where a budget does not bind.</summary>
    public required ImmutableArray<double> Prices { get; init; }

    /// <summary>The best choice found: for each layer the index of its option. Default where none within the budgets was met.</summary>
    public required ImmutableArray<int> Choice { get; init; }

    /// <summary>The modeled loss of <see cref="Choice"/>; infinite where there is none.</summary>
    public required double Loss { get; init; }

    /// <summary>How far the choice may be from the best one: loss − bound, at least 0; infinite where no choice was met, NaN where there is none.</summary>
    public double Gap => Loss - LowerBound;

    /// <summary>Bounds the optimum.</summary>
    /// <param name="layers">The options of each layer, at least one each, all with one cost for each budget.</param>
    /// <param name="budgets">Limits on the sums of costs, at least one; finite, at least 0.</param>
    /// <exception cref="ArgumentException">A layer has no option, or an option has more or fewer costs than there are budgets.</exception>
    public static BudgetOptimum Of(IReadOnlyList<IReadOnlyList<BudgetOption>> layers, ReadOnlySpan<double> budgets)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Check(layers, budgets);
        return new BudgetRelaxationSolver(layers, budgets).Solve();
    }

    static void Check(IReadOnlyList<IReadOnlyList<BudgetOption>> layers, ReadOnlySpan<double> budgets)
    {
        if (budgets.IsEmpty) throw new ArgumentException("Expected at least one budget; found none.", nameof(budgets));
        foreach (double budget in budgets)
        {
            if (!(budget >= 0 && double.IsFinite(budget))) throw new ArgumentOutOfRangeException(nameof(budgets), budget, "A budget must be finite and at least 0.");
        }

        for (int layer = 0; layer < layers.Count; layer++)
        {
            if (layers[layer].Count == 0) throw new ArgumentException($"Layer {layer} has no option.", nameof(layers));
            foreach (var option in layers[layer])
            {
                if (option.Costs.Length == budgets.Length) continue;
                throw new ArgumentException($"An option of layer {layer} has {option.Costs.Length} costs for {budgets.Length} budgets.", nameof(layers));
            }
        }
    }
}
