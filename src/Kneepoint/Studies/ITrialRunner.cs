using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes the variant of a recipe and measures it.</summary>
public interface ITrialRunner
{
    /// <summary>Does of a trial what other trials may be started beside; called from several threads at once.</summary>
    /// <param name="recipe">What to try.</param>
    /// <param name="threads">Threads for it while others are started beside, at least 1.</param>
    /// <param name="cancellation">Ends the trial, also in <see cref="IStartedTrial.Finish"/>.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the trial's time is over.</exception>
    IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation);
}

/// <summary>A trial of which only that is left to do which nothing may disturb. Disposed unfinished, it leaves nothing behind.</summary>
public interface IStartedTrial : IDisposable
{
    /// <summary>Does the rest, such as measuring time; the caller sees to it that nothing else runs.</summary>
    /// <returns><see cref="TrialOutcome.Measured"/>, <see cref="TrialOutcome.Rejected"/> or <see cref="TrialOutcome.Dropped"/>; anything unforeseen is thrown.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the trial's time is over.</exception>
    TrialOutcome Finish();
}

/// <summary>A trial that left nothing to finish.</summary>
/// <param name="outcome">What came of it.</param>
public sealed class FinishedTrial(TrialOutcome outcome) : IStartedTrial
{
    /// <inheritdoc/>
    public TrialOutcome Finish() => outcome;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
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
