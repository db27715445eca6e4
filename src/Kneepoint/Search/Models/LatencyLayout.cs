using System.Collections.Immutable;

namespace Kneepoint.Search.Models;

/// <summary>What a model of latency knows of a network besides times.</summary>
/// <param name="Kernels">For each group and each of its choices, the name of what computes it. Only whether two are alike matters.</param>
/// <param name="Neighbors">The pairs of groups that meet (<see cref="LayerNeighbors"/>).</param>
public sealed record LatencyLayout(ImmutableArray<ImmutableArray<string>> Kernels, ImmutableArray<(int First, int Second)> Neighbors)
{
    /// <summary>Checks an assignment.</summary>
    /// <exception cref="ArgumentException">There are more or fewer indices than groups, or one is outside.</exception>
    internal void Check(IReadOnlyList<int> assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        if (assignment.Count != Kernels.Length) throw new ArgumentException($"An assignment for {Kernels.Length} groups has {assignment.Count} entries.", nameof(assignment));
        for (int group = 0; group < Kernels.Length; group++)
        {
            if ((uint)assignment[group] < (uint)Kernels[group].Length) continue;
            throw new ArgumentException($"Group {group} has {Kernels[group].Length} choices; the assignment picks number {assignment[group]}.", nameof(assignment));
        }
    }
}
