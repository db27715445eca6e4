using System.Collections.Immutable;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Studies;

namespace Kneepoint.Reports;

/// <summary>Makes the document of a study from what its store holds.</summary>
public static class StudyDocument
{
    /// <summary>Fills a document's head with trials.</summary>
    /// <param name="head">Model, data, machine, objectives, layers and settings; its variants are ignored.</param>
    /// <param name="trials">All trials of the study.</param>
    /// <param name="accuracyIsMaximized">The direction of the study's metric.</param>
    /// <param name="ties">For each variant the variants that the data cannot tell from it; may be empty.</param>
    /// <param name="fileOf">A variant's file relative to the study folder; null if it is not kept.</param>
    /// <param name="packedOf">Its packed file.</param>
    public static FrontierDocument Of(FrontierDocument head, IReadOnlyList<Trial> trials, bool accuracyIsMaximized,
        IReadOnlyDictionary<string, ImmutableArray<string>> ties, Func<string, string?> fileOf, Func<string, string?>? packedOf = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(ties);
        ArgumentNullException.ThrowIfNull(fileOf);
        var objectives = head.Objectives.Select(objective => Objective.Of(objective.Name, accuracyIsMaximized)).ToArray();
        var view = ParetoView.Of(trials, objectives);
        var front = view.Frontier.ToHashSet(StringComparer.Ordinal);
        var variants = ImmutableArray.CreateBuilder<FrontierVariant>();
        var failed = ImmutableArray.CreateBuilder<FailedTrial>();
        foreach (var trial in trials)
        {
            if (trial.Outcome is TrialOutcome.Measured measured)
            {
                variants.Add(FrontierVariant.Of(trial.Recipe, measured.Figures) with
                {
                    File = fileOf(trial.Recipe.Id),
                    Packed = packedOf?.Invoke(trial.Recipe.Id),
                    OnFrontier = front.Contains(trial.Recipe.Id),
                    TiedWith = ties.TryGetValue(trial.Recipe.Id, out var tied) ? tied : [],
                    Seconds = trial.Seconds,
                });
            }
            else
            {
                var (outcome, reason) = Failure(trial.Outcome, head.Data.Metric.Name);
                failed.Add(new FailedTrial(trial.Recipe, outcome, reason, trial.Seconds));
            }
        }

        var choices = DescriptionLengths.Choices(trials);
        return head with
        {
            Variants = variants.ToImmutable(),
            Frontier = view.Frontier,
            Hypervolume = view.Volume is { } volume ? new HypervolumeFigure(volume, view.Reference) : null,
            Knee = view.KneeId,
            MdlChoice = choices?.AsMeasured,
            MdlChoices = choices,
            Trials = new TrialCounts(variants.Count, Count<TrialOutcome.Rejected>(trials), Count<TrialOutcome.Crashed>(trials),
                Count<TrialOutcome.TimedOut>(trials), Count<TrialOutcome.Dropped>(trials)),
            Racing = RacingOf(trials, head.Data.Evaluate),
            FailedTrials = failed.ToImmutable(),
            Seconds = trials.Sum(trial => trial.Seconds),
        };
    }

    static long Count<T>(IReadOnlyList<Trial> trials) where T : TrialOutcome => trials.Count(trial => trial.Outcome is T);

    static RacingFacts? RacingOf(IReadOnlyList<Trial> trials, long samples)
    {
        TrialOutcome.Dropped[] dropped = [.. trials.Select(trial => trial.Outcome).OfType<TrialOutcome.Dropped>().OrderBy(outcome => outcome.SamplesSeen)];
        if (dropped.Length == 0) return null;
        TrialOutcome.Measured[] measured = [.. trials.Select(trial => trial.Outcome).OfType<TrialOutcome.Measured>()];
        return new RacingFacts(dropped.Min(outcome => outcome.Confidence), dropped[(dropped.Length - 1) / 2].SamplesSeen,
            measured.Sum(outcome => outcome.Figures.Evaluations ?? samples) + dropped.Sum(outcome => outcome.SamplesSeen), samples * (measured.Length + dropped.Length));
    }

    /// <summary>What became of a trial that measured nothing to choose from, in a word and a sentence.</summary>
    /// <param name="outcome">Any but <see cref="TrialOutcome.Measured"/>.</param>
    /// <param name="metric">The metric's name.</param>
    public static (string Outcome, string Reason) Failure(TrialOutcome outcome, string metric) => outcome switch
    {
        TrialOutcome.Rejected rejected => ("rejected", rejected.Reason),
        TrialOutcome.Crashed crashed => ("crashed", crashed.Error),
        TrialOutcome.TimedOut timedOut => ("timedOut", string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"The trial took longer than {timedOut.LimitSeconds} s.")),
        TrialOutcome.Dropped dropped => ("dropped",
            $"Variant {dropped.DominatedBy} costs no more, and a test on all samples would not tell this one to be better, with {Format.Percent(dropped.Confidence)} confidence: "
            + $"{MetricFormat.Of(metric).Change(dropped.Change)} against it, too little to be told from chance or a loss, after {Format.Whole(dropped.SamplesSeen)} of {Format.Whole(dropped.Samples)} samples."),
        _ => throw new ArgumentException($"An outcome of kind {outcome.GetType().Name} is no failure.", nameof(outcome)),
    };
}
