namespace Kneepoint.Gradients;

/// <summary>What to differentiate, and with respect to what.</summary>
public sealed record GradientRequest
{
    /// <summary>The values whose cotangents v are fed: outputs of the graph, or values inside it. At least one.</summary>
    public required IReadOnlyList<string> Outputs
    {
        get; init => field = value is { Count: > 0 } ? value
        : throw new ArgumentException("Name at least one value whose cotangent is fed.", nameof(value));
    }

    /// <summary>The initializers, or outputs of Constant nodes, whose gradients are wanted.</summary>
    public IReadOnlyList<string> Weights { get; init; } = [];

    /// <summary>The graph inputs and values inside the graph whose gradients are wanted.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Whether the new graph gives the outputs of the old one too, so that one run yields both. Default: true.</summary>
    public bool KeepOutputs { get; init; } = true;

    /// <summary>Whether the wanted weights become inputs of the new graph, so that one session serves many sets of weights. Default: false.</summary>
    public bool WeightsAsInputs { get; init; }
}
