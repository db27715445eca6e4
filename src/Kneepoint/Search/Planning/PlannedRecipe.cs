using System.Collections.Immutable;
using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Search.Planning;

/// <summary>A recipe that is worth a trial, and what is expected of it.</summary>
/// <param name="Genome">Its place in the space.</param>
/// <param name="Recipe">The recipe.</param>
/// <param name="Loss">The predicted loss of accuracy, a share of the baseline's figure.</param>
/// <param name="Costs">The predicted costs, in the order of the objectives.</param>
/// <param name="Worth">The hypervolume that it is expected to add, loss times the share of the costs' box between the origin and the reference; where it aims at a budget, the loss that it is expected to save.</param>
public sealed record PlannedRecipe(Genome Genome, Recipe Recipe, Prediction Loss, ImmutableArray<double> Costs, double Worth);

/// <summary>A measured variant, as the planner sees it.</summary>
/// <param name="Genome">Its place in the space; null where the space does not hold it.</param>
/// <param name="Loss">Its loss of accuracy, a share of the baseline's figure.</param>
/// <param name="Costs">Its costs, in the order of the objectives; NaN where one was not measured.</param>
public sealed record MeasuredPlace(Genome? Genome, double Loss, ImmutableArray<double> Costs)
{
    /// <summary>Whether the variant was given up early, because another one that costs no more is no worse: it is no point of the frontier.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>The standard deviation of the loss where it was estimated from some of the samples.</summary>
    public double Doubt { get; init; }
}

/// <summary>What a look at a variant shows without the evaluation samples.</summary>
/// <param name="Divergence">Of its outputs from the baseline's on calibration samples; infinite where the variant cannot be made.</param>
/// <param name="Costs">Its costs, in the order of the objectives; NaN where a look does not show them.</param>
public sealed record ProbedPlace(double Divergence, ImmutableArray<double> Costs);
