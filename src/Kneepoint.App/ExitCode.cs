namespace Kneepoint.App;

/// <summary>Exit codes: a contract with the programs that call this one.</summary>
static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Done, but a stated budget or requirement is not met.</summary>
    public const int NotMet = 1;

    /// <summary>Error; one sentence on standard error says where, what was expected and what was found.</summary>
    public const int Error = 2;

    /// <summary>Cancelled by the user.</summary>
    public const int Cancelled = 130;
}
