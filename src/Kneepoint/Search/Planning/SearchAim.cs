using System.Collections.Immutable;

namespace Kneepoint.Search.Planning;

/// <summary>What a search aims at.</summary>
/// <param name="Reference">The reference of the hypervolume: a loss, then the costs that are objectives, which stand first among the planner's.</param>
/// <param name="CostLimits">The most that each of the planner's costs may be; infinite where there is no budget.</param>
/// <param name="LossLimit">The most that may be lost; infinite where there is no budget.</param>
public sealed record SearchAim(ImmutableArray<double> Reference, ImmutableArray<double> CostLimits, double LossLimit)
{
    // From the budgets to what meets them best.
    const int Steps = 4;

    // The loss, as a share of the baseline's figure, beyond which few have a use for a variant.
    const double UsefulLoss = 0.1;

    /// <summary>By how much less a variant must lose, a share of the baseline's figure, than one that costs no more, or it is given up: smaller gains are worth nothing to the search. 0 where nothing is given up.</summary>
    public double LeastGain { get; init; }

    /// <summary>Whether a cost has a budget.</summary>
    public bool HasCostLimit => CostLimits.Any(double.IsFinite);

    // A variant that loses more than its budget is of no use, so the volume ends there; without one, half of the plan looks at losses that most could live with.
    internal TrialWorth Volume(IReadOnlyList<MeasuredPlace> measured, bool isUsefulOnly)
    {
        int objectives = Reference.Length - 1;
        double most = LossLimit > 0 && double.IsFinite(LossLimit) ? LossLimit : isUsefulOnly ? UsefulLoss : double.PositiveInfinity;
        ImmutableArray<double> reference = [Math.Min(Reference[0], most), .. Reference[1..]];
        return new VolumeWorth([.. measured.Where(place => !place.IsGivenUp && place.Costs.Take(objectives).All(double.IsFinite)).SelectMany(place => place.Costs.Take(objectives).Prepend(place.Loss - LeastGain))], reference, LeastGain);
    }

    /// <summary>Aims to try in this order: the budgets on costs, and while no variant meets them, larger ones up to what was measured nearest to them; none where no cost has a budget.</summary>
    internal IEnumerable<SearchAim> Nearer(IReadOnlyList<MeasuredPlace> measured)
    {
        if (!HasCostLimit) yield break;
        yield return this;
        double nearest = measured.Where(place => !place.IsGivenUp).Select(place => place.Costs.Zip(CostLimits, (cost, limit) => double.IsPositiveInfinity(limit) ? 0 : cost / limit).Max()).Where(double.IsFinite).DefaultIfEmpty(1).Min();
        for (int step = 1; nearest > 1 && step <= Steps; step++)
        {
            double factor = Math.Pow(nearest, step / (double)Steps);
            yield return this with { CostLimits = [.. CostLimits.Select(limit => limit * factor)] };
        }
    }

    internal TrialWorth Budget(IReadOnlyList<MeasuredPlace> measured)
    {
        double best = measured.Where(place => !place.IsGivenUp && place.Costs.Zip(CostLimits, (cost, limit) => cost <= limit || double.IsPositiveInfinity(limit)).All(isMet => isMet)).Select(place => place.Loss).DefaultIfEmpty(double.PositiveInfinity).Min();
        return new BudgetWorth(CostLimits, Math.Min(best - LeastGain, Math.Min(Reference[0], LossLimit)), LeastGain);
    }
}
