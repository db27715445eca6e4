namespace Kneepoint.Compression.Sparsity;

/// <summary>Which weights of a row may become 0 together.</summary>
/// <param name="Zeros">Zeros of each run; 0 where any weights may be taken.</param>
/// <param name="Run">Columns of a run.</param>
readonly record struct SparsityPattern(int Zeros, int Run)
{
    /// <summary>Any weights.</summary>
    public static SparsityPattern Any => new(0, 1);

    /// <summary>Whether runs are prescribed.</summary>
    public bool HasRuns => Zeros > 0;
}
