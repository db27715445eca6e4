using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>A recipe and what became of it. Finished trials never change.</summary>
/// <param name="Number">1, 2, 3 … in the order in which trials ended.</param>
/// <param name="Recipe">What was done; its id is the variant's id, and no two trials of a study share one.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Seconds">Wall time of the trial.</param>
public sealed record Trial(int Number, Recipe Recipe, TrialOutcome Outcome, double Seconds);

/// <summary>What became of a trial: exactly one of the five nested kinds.</summary>
public abstract record TrialOutcome
{
    TrialOutcome()
    {
    }

    /// <summary>The variant was made, run and measured.</summary>
    /// <param name="Figures">The measurement.</param>
    /// <param name="SampleScores">Per-sample scores on the evaluation samples as the metric defines them, float32 little-endian,
    /// so that any two variants can be compared in pairs later.</param>
    public sealed record Measured(Measurement.Measured Figures, byte[] SampleScores) : TrialOutcome;

    /// <summary>The recipe does not apply, or the variant's outputs are not usable.</summary>
    /// <param name="Reason">One sentence.</param>
    public sealed record Rejected(string Reason) : TrialOutcome;

    /// <summary>Making or running the variant failed in a way that nobody foresaw.</summary>
    /// <param name="Error">The error's sentence.</param>
    public sealed record Crashed(string Error) : TrialOutcome;

    /// <summary>The trial took longer than it may.</summary>
    /// <param name="LimitSeconds">The limit.</param>
    public sealed record TimedOut(double LimitSeconds) : TrialOutcome;

    /// <summary>The variant was made and run, and given up before it had seen all samples: another one costs no more, and this one would not be found more accurate on all samples, with confidence.</summary>
    /// <param name="DominatedBy">Id of that measured variant: better in accuracy or tied, and at most as large in the study's other objectives and in what its budgets are about.</param>
    /// <param name="SamplesSeen">Samples that it was scored on.</param>
    /// <param name="Samples">All evaluation samples.</param>
    /// <param name="Change">The variant's accuracy less that of the other on all samples, in the metric's unit and sign: estimated on those seen, each end with the confidence.</param>
    /// <param name="Confidence">Of the verdict and of each end, however often one looked.</param>
    /// <param name="Figures">What was known of the variant, each by the name of its objective, in the order of <see cref="Objective.Names"/>.</param>
    public sealed record Dropped(string DominatedBy, long SamplesSeen, long Samples, Interval Change, double Confidence, ImmutableArray<NamedFigure> Figures) : TrialOutcome
    {
        /// <summary>A figure of the variant by the name of its objective; null where it was not known.</summary>
        public double? Figure(string name) => Figures.Where(figure => figure.Name == name).Select(figure => (double?)figure.Value).FirstOrDefault();
    }
}

/// <summary>A figure of a variant.</summary>
/// <param name="Name">One of <see cref="Objective.Names"/>.</param>
/// <param name="Value">In the objective's unit.</param>
public readonly record struct NamedFigure(string Name, double Value);
