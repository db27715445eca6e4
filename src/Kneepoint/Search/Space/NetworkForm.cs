using System.Collections.Immutable;

namespace Kneepoint.Search.Space;

/// <summary>What is done to the network as a whole before its layers are treated: nothing, channels cut, layers factored, channels made alike.</summary>
/// <param name="Steps">The steps, in their order; none for the network as it is.</param>
/// <param name="Loss">The measured divergence of the network in this form with no layer treated, nats; 0 for no steps.</param>
/// <param name="Shares">For each group of layers the share of its weights that the form leaves.</param>
public sealed record NetworkForm(ImmutableArray<Step> Steps, double Loss, ImmutableArray<double> Shares)
{
    /// <summary>The network as it is.</summary>
    /// <param name="groups">The number of groups of layers.</param>
    public static NetworkForm AsIs(int groups) => new([], 0, [.. Enumerable.Repeat(1d, groups)]);

    /// <summary>Its measured figures by name, such as "fileBytes", with no layer treated.</summary>
    public ImmutableSortedDictionary<string, double> Figures { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
