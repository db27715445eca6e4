using System.Collections.Immutable;

namespace Kneepoint.Limits.Size;

/// <summary>One way to treat a layer, as a budget sees it.</summary>
public sealed record BudgetOption
{
    /// <summary>States an option.</summary>
    /// <param name="loss">What is minimized, in the unit of the model; finite.</param>
    /// <param name="costs">What is limited, one figure for each budget and in its unit: bytes, MACs; finite, at least 0.</param>
    public BudgetOption(double loss, params ReadOnlySpan<double> costs)
    {
        if (!double.IsFinite(loss)) throw new ArgumentOutOfRangeException(nameof(loss), loss, "A loss must be finite.");
        foreach (double cost in costs)
        {
            if (!(cost >= 0 && double.IsFinite(cost))) throw new ArgumentOutOfRangeException(nameof(costs), cost, "A cost must be finite and at least 0.");
        }

        (Loss, Costs) = (loss, [.. costs]);
    }

    /// <summary>What is minimized.</summary>
    public double Loss { get; }

    /// <summary>What is limited, one figure for each budget.</summary>
    public ImmutableArray<double> Costs { get; }
}
