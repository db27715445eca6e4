namespace Kneepoint.Onnx;

/// <summary>How a network is loaded. The defaults are what a deployment gets without asking for anything.</summary>
public sealed record SessionSettings
{
    /// <summary>Threads within one operator, at least 1.</summary>
    public int Threads
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Threads must be at least 1.");
    } = 1;

    /// <summary>How far the runtime may rewrite the graph. Figures are taken at <see cref="GraphOptimization.All"/> only.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.All;
}

/// <summary>How far the runtime may rewrite the graph.</summary>
public enum GraphOptimization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Constant folding and fusions that keep the names of values: for reading intermediates.</summary>
    Basic,

    /// <summary>Everything, layouts for this processor included: as deployed.</summary>
    All,
}
