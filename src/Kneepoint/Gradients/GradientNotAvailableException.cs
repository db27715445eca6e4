using System.Collections.Immutable;

namespace Kneepoint.Gradients;

/// <summary>A gradient that cannot be computed: the message names the node, its operator and the reason.</summary>
public sealed class GradientNotAvailableException : Exception
{
    /// <summary>Makes the exception for the nodes that stand in the way, of which there is at least one.</summary>
    public GradientNotAvailableException(ImmutableArray<MissingGradient> missing) : base(Sentence(missing)) => Missing = missing;

    /// <summary>The nodes that stand in the way, in the order of the graph.</summary>
    public ImmutableArray<MissingGradient> Missing { get; }

    static string Sentence(ImmutableArray<MissingGradient> missing) => missing.Length == 1
        ? missing[0].Reason
        : $"{missing[0].Reason} {missing.Length - 1} more node{(missing.Length == 2 ? "" : "s")} stand{(missing.Length == 2 ? "s" : "")} in the way.";
}
