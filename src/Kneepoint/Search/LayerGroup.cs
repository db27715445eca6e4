using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Layers that are always treated alike, because they share a weight; mostly one layer alone.</summary>
/// <param name="Layers">In the baseline's order.</param>
/// <param name="Choices">The ways to treat all of them; sums over the layers, in the order in which the first layer lists them.</param>
public sealed record LayerGroup(ImmutableArray<string> Layers, ImmutableArray<GroupChoice> Choices)
{
    /// <summary>The group's name: its first layer.</summary>
    public string Id => Layers[0];
}

/// <summary>One way to treat a group of layers.</summary>
/// <param name="Method">What is done to each layer.</param>
/// <param name="FileBytes">What the layers then take in the file.</param>
/// <param name="Cost">What the layers then cost to run.</param>
/// <param name="Loss">The expected loss of accuracy, at least 0.</param>
public sealed record GroupChoice(LayerMethod Method, double FileBytes, double Cost, double Loss);
