using System.Collections.Immutable;
using Kneepoint.Search.Models;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Search.Planning;

/// <summary>What a trial is worth, before it is made.</summary>
abstract class TrialWorth
{
    /// <summary>The worth of a variant with known costs and a predicted loss.</summary>
    /// <param name="costs">In the order of the planner's surfaces.</param>
    /// <param name="loss">The predicted loss.</param>
    public abstract double Of(ReadOnlySpan<double> costs, Prediction loss);

    /// <summary>Whether a cost that comes out a little larger than expected may make a variant worthless.</summary>
    public virtual bool HasLimits => false;

    /// <summary>The worth of trials once another one has come out.</summary>
    public abstract TrialWorth After(ReadOnlySpan<double> costs, double loss);
}

/// <summary>The hypervolume that a trial is expected to add: loss times the share of the costs' box between the origin and the reference.</summary>
/// <param name="points">[n, m], losses with the costs that are objectives; the losses less the least gain.</param>
/// <param name="reference">[m].</param>
/// <param name="leastGain">By how much less than another variant that costs no more one must lose.</param>
sealed class VolumeWorth(ImmutableArray<double> points, ImmutableArray<double> reference, double leastGain) : TrialWorth
{
    readonly ExpectedImprovement _improvement = new(points.AsSpan(), reference.AsSpan());
    readonly double _box = reference.Skip(1).Aggregate(1d, (product, side) => product * side);

    /// <inheritdoc/>
    public override double Of(ReadOnlySpan<double> costs, Prediction loss) => _improvement.Of(costs[..(reference.Length - 1)], loss.Mean, loss.Deviation) / _box;

    /// <inheritdoc/>
    public override TrialWorth After(ReadOnlySpan<double> costs, double loss) => new VolumeWorth([.. points, loss - leastGain, .. costs[..(reference.Length - 1)]], reference, leastGain);
}

/// <summary>The loss that a trial is expected to save against the best variant within all budgets: E max(0, best − loss), 0 where a cost is over its budget.</summary>
/// <remarks>Source: [Jones1998], expected improvement, with budgets as constraints.</remarks>
/// <param name="limits">The most that each cost may be; infinite where there is no budget.</param>
/// <param name="best">The least loss measured within all budgets, or where there is none the loss from which a variant is of use; less the least gain.</param>
/// <param name="leastGain">By how much less than another variant that costs no more one must lose.</param>
sealed class BudgetWorth(ImmutableArray<double> limits, double best, double leastGain) : TrialWorth
{
    /// <inheritdoc/>
    public override bool HasLimits => true;

    /// <inheritdoc/>
    public override double Of(ReadOnlySpan<double> costs, Prediction loss)
    {
        if (!IsWithin(costs) || !double.IsFinite(loss.Mean)) return 0;
        double z = (best - loss.Mean) / loss.Deviation;
        return loss.Deviation > 0 ? loss.Deviation * Math.Max(0, z * NormalDistribution.Cumulative(z) + NormalDistribution.Density(z)) : Math.Max(0, best - loss.Mean);
    }

    /// <inheritdoc/>
    public override TrialWorth After(ReadOnlySpan<double> costs, double loss) => IsWithin(costs) && loss - leastGain < best ? new BudgetWorth(limits, loss - leastGain, leastGain) : this;

    bool IsWithin(ReadOnlySpan<double> costs)
    {
        for (int k = 0; k < limits.Length; k++)
        {
            if (!(costs[k] <= limits[k])) return false;
        }

        return true;
    }
}
