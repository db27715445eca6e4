namespace Kneepoint.Limits.Size;

/// <summary>Errors among independent examples.</summary>
public readonly record struct ErrorCount
{
    /// <summary>Counts errors.</summary>
    /// <param name="errors">0 to <paramref name="examples"/>.</param>
    /// <param name="examples">At least 1.</param>
    public ErrorCount(long errors, long examples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        if (errors < 0 || errors > examples)
        {
            throw new ArgumentOutOfRangeException(nameof(errors), errors, $"Expected 0 to {examples} errors.");
        }

        (Errors, Examples) = (errors, examples);
    }

    /// <summary>Examples that were taken for something else than they are.</summary>
    public long Errors { get; }

    /// <summary>All examples.</summary>
    public long Examples { get; }

    /// <summary>Errors ÷ examples.</summary>
    public double Rate => (double)Errors / Examples;
}
