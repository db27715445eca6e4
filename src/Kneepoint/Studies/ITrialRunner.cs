using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes the variant of a recipe and measures it.</summary>
public interface ITrialRunner
{
    /// <summary>Runs one trial.</summary>
    /// <returns><see cref="TrialOutcome.Measured"/>, <see cref="TrialOutcome.Rejected"/> or <see cref="TrialOutcome.Dropped"/>; anything unforeseen is thrown.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the trial's time is over.</exception>
    TrialOutcome Run(Recipe recipe, CancellationToken cancellation);
}

/// <summary>Knows what to try next.</summary>
public interface IRecipeSource
{
    /// <summary>Recipes worth trying now, best first; recipes of earlier trials are skipped; none ends the exploration.</summary>
    /// <param name="trials">All trials so far.</param>
    /// <param name="onProgress">Called often where the answer takes measurements of its own.</param>
    /// <param name="cancellation">Ends the work.</param>
    IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation);
}
