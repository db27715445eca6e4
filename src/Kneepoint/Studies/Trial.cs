using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>A recipe and what became of it. Finished trials never change.</summary>
/// <param name="Number">1, 2, 3 … in the order in which trials ended.</param>
/// <param name="Recipe">What was done; its id is the variant's id, and no two trials of a study share one.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Seconds">Wall time of the trial.</param>
public sealed record Trial(int Number, Recipe Recipe, TrialOutcome Outcome, double Seconds);

/// <summary>What became of a trial: exactly one of the four nested kinds.</summary>
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
}
