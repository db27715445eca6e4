namespace Kneepoint.Studies;

/// <summary>Which trials are made side by side: after the baseline, numbers 2 to 5, then 6 to 9, and so on.</summary>
/// <remarks>
/// A recipe is planned from the trials before its batch. The bounds depend on numbers alone, so a study is the same however many trials are made at once, and where it was interrupted.
/// </remarks>
public static class TrialBatch
{
    /// <summary>Trials of a batch.</summary>
    public const int Size = 4;

    /// <summary>Trials before the batch that the next trial belongs to.</summary>
    /// <param name="trials">Trials so far.</param>
    public static int StartOf(int trials) => trials == 0 ? 0 : 1 + (trials - 1) / Size * Size;

    /// <summary>Trials once the batch that the next trial belongs to is complete.</summary>
    /// <param name="trials">Trials so far.</param>
    public static int EndOf(int trials) => trials == 0 ? 1 : StartOf(trials) + Size;
}
