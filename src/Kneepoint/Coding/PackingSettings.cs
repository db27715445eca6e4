namespace Kneepoint.Coding;

/// <summary>How a model is packed.</summary>
public sealed record PackingSettings
{
    /// <summary>The code of the numbers of larger tensors.</summary>
    public NumberCode Code { get; init; }

    /// <summary>Tensors of fewer numbers are mixed whatever the code: they are read in a millisecond.</summary>
    public int LeastNumbers { get; init; } = 1 << 12;

    /// <summary>How many threads work, each with some tens of megabytes of its own. The bytes do not depend on it.</summary>
    public int Threads { get; init; } = 1;
}
