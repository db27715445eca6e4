using System.Globalization;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes trials until there is nothing left to try, the trials are used up, or the time is.</summary>
/// <remarks>
/// Each trial is stored the moment it ends, so a killed process loses at most the one in flight; a recipe that is in the store is never
/// tried again. A trial that fails is a stored outcome and the exploration goes on; a world that fails (the disk is full, the store is
/// damaged) ends it with that exception, and so does a baseline that fails, since every other trial is compared with it.
/// </remarks>
public sealed class Exploration(IStudyStore store, ITrialRunner runner, IRecipeSource recipes, ExplorationSettings settings, TimeProvider clock)
{
    /// <summary>Explores; call again, also in another process, to go on.</summary>
    /// <param name="onTrial">Called after each stored trial, on the caller's thread.</param>
    /// <param name="onProgress">Called often; cheap.</param>
    /// <param name="cancellation">Ends the exploration; the trial in flight is not stored.</param>
    /// <returns>Why it ended.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public ExplorationEnd Run(Action<Trial> onTrial, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onTrial);
        ArgumentNullException.ThrowIfNull(onProgress);
        long started = clock.GetTimestamp();
        var trials = store.Trials().ToList();
        var tried = trials.Select(trial => trial.Recipe.Id).ToHashSet(StringComparer.Ordinal);
        while (true)
        {
            // First, because a proposal may take measurements of its own, longer than all trials.
            if (LimitReached(trials.Count, started) is { } end) return end;
            var proposed = recipes.Propose(trials, onProgress, cancellation).Where(recipe => !tried.Contains(recipe.Id)).ToList();
            if (proposed.Count == 0) return ExplorationEnd.NothingLeft;
            foreach (var recipe in proposed)
            {
                cancellation.ThrowIfCancellationRequested();
                if (LimitReached(trials.Count, started) is { } reached) return reached;
                if (!tried.Add(recipe.Id)) continue;
                onProgress(new ExplorationProgress("trials", trials.Count, settings.TrialCount, recipe.Id));
                long trialStarted = clock.GetTimestamp();
                var outcome = Try(recipe, cancellation);
                var trial = store.Add(recipe, outcome, clock.GetElapsedTime(trialStarted).TotalSeconds);
                trials.Add(trial);
                onTrial(trial);
                onProgress(new ExplorationProgress("trials", trials.Count, settings.TrialCount));
            }
        }
    }

    ExplorationEnd? LimitReached(int trials, long started)
    {
        if (trials >= settings.TrialCount) return ExplorationEnd.TrialsUsed;
        return settings.TimeLimit is { } limit && clock.GetElapsedTime(started) >= limit ? ExplorationEnd.TimeUsed : null;
    }

    TrialOutcome Try(Recipe recipe, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(settings.TrialTimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            return runner.Run(recipe, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            if (recipe.Equals(Recipe.Baseline))
            {
                throw new StudyStoreException(string.Create(CultureInfo.InvariantCulture,
                    $"The baseline took longer than the {settings.TrialTimeLimit.TotalMinutes} minutes of a trial: nothing can be compared with it."), exception);
            }

            return new TrialOutcome.TimedOut(settings.TrialTimeLimit.TotalSeconds);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or IOException or UnauthorizedAccessException
            or StudyStoreException or Data.DataException) && !recipe.Equals(Recipe.Baseline))
        {
            return new TrialOutcome.Crashed($"{exception.GetType().Name}: {exception.Message}");
        }
    }
}

/// <summary>Why an exploration ended.</summary>
public enum ExplorationEnd
{
    /// <summary>Every recipe worth trying has been tried.</summary>
    NothingLeft,

    /// <summary>As many trials as were asked for are there.</summary>
    TrialsUsed,

    /// <summary>The time is over.</summary>
    TimeUsed,
}
