using System.Collections.Concurrent;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes trials until there is nothing left to try, the trials are used up, or the time is.</summary>
/// <remarks>
/// Trials of one <see cref="TrialBatch"/> are made and scored side by side, then timed one at a time. Each is stored the moment it ends, so a killed process loses at most those in flight; a recipe that is in the store is never
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
            var proposed = recipes.Propose(trials, onProgress, cancellation).Where(recipe => tried.Add(recipe.Id)).ToList();
            if (proposed.Count == 0) return ExplorationEnd.NothingLeft;
            for (int done = 0; done < proposed.Count;)
            {
                if (LimitReached(trials.Count, started) is { } reached) return reached;
                int most = Math.Min(TrialBatch.EndOf(trials.Count), settings.TrialCount) - trials.Count;
                if (settings.TrialsAtOnce == 1) most = 1;
                var batch = proposed.GetRange(done, Math.Min(most, proposed.Count - done));
                Make(batch, trials, onTrial, onProgress, cancellation);
                done += batch.Count;
            }
        }
    }

    // Started side by side, finished one by one, stored in the order in which they were proposed.
    void Make(List<Recipe> batch, List<Trial> trials, Action<Trial> onTrial, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        onProgress(new ExplorationProgress("trials", trials.Count, settings.TrialCount, batch[0].Id));
        int workers = Math.Min(settings.TrialsAtOnce, batch.Count);
        int threads = Math.Max(1, settings.EvaluationThreads / workers);
        TrialInHand[] inHand = [.. batch.Select(recipe => new TrialInHand(runner, recipe, settings, clock, cancellation))];
        try
        {
            cancellation.ThrowIfCancellationRequested();
            if (workers == 1) foreach (var trial in inHand) trial.Start(threads);
            else Parallel.ForEach(Partitioner.Create(inHand, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = workers }, trial => trial.Start(threads));
            foreach (var trial in inHand)
            {
                cancellation.ThrowIfCancellationRequested();
                var outcome = trial.Finish();
                trial.Dispose();
                trials.Add(store.Add(trial.Recipe, outcome, trial.Seconds));
                onTrial(trials[^1]);
                onProgress(new ExplorationProgress("trials", trials.Count, settings.TrialCount));
            }
        }
        finally
        {
            foreach (var trial in inHand) trial.Dispose();
        }
    }

    ExplorationEnd? LimitReached(int trials, long started)
    {
        if (trials >= settings.TrialCount) return ExplorationEnd.TrialsUsed;
        return settings.TimeLimit is { } limit && clock.GetElapsedTime(started) >= limit ? ExplorationEnd.TimeUsed : null;
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
