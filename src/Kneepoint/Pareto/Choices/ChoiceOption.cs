using System.Collections.Immutable;

namespace Kneepoint.Pareto.Choices;

/// <summary>One of the options of a group, as budgets see it.</summary>
public sealed record ChoiceOption
{
    /// <summary>States an option.</summary>
    /// <param name="loss">What is minimized, in the unit of the model; finite, also negative.</param>
    /// <param name="costs">What is limited, one figure for each budget and in its unit: bytes, MACs; finite, at least 0.</param>
    public ChoiceOption(double loss, params ReadOnlySpan<double> costs)
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
