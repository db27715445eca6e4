namespace Kneepoint.Search;

/// <summary>A recipe with what its trial measured, as the search sees it: everything is to be made small.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Loss">Loss of accuracy against the baseline, as a share of the baseline's figure; smaller is better, negative is a gain.</param>
/// <param name="FileBytes">Measured bytes.</param>
/// <param name="Cost">Cost of running, in the table's unit; NaN where it is not known.</param>
public sealed record MeasuredRecipe(Recipe Recipe, double Loss, double FileBytes, double Cost)
{
    /// <summary>The figure of an axis.</summary>
    public double Size(LadderAxis axis) => axis == LadderAxis.FileBytes ? FileBytes : Cost;
}

/// <summary>A limit that the search aims at, in the unit of <see cref="MeasuredRecipe"/>.</summary>
/// <param name="Kind">What is limited.</param>
/// <param name="Limit">At most so much.</param>
public readonly record struct SearchGoal(SearchGoalKind Kind, double Limit);

/// <summary>What a <see cref="SearchGoal"/> limits.</summary>
public enum SearchGoalKind
{
    /// <summary>Bytes of the file.</summary>
    FileBytes,

    /// <summary>The cost of running.</summary>
    Cost,

    /// <summary>The loss of accuracy.</summary>
    Loss,
}
