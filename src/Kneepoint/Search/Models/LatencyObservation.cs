using System.Collections.Immutable;

namespace Kneepoint.Search.Models;

/// <summary>What is known of the time of one assignment. All times are ratios to the baseline's.</summary>
/// <param name="Assignment">For each group the index of its choice.</param>
/// <param name="Ratio">The time of the variant over that of the baseline, positive.</param>
/// <param name="Parts">How the variant's time is divided: an entry for each group, and one behind for what belongs to none. In any unit; null where the variant was not profiled.</param>
public sealed record LatencyObservation(ImmutableArray<int> Assignment, double Ratio, ImmutableArray<double>? Parts)
{
    /// <summary>The standard deviation of the ratio where it was measured, positive; null where it is the profile's own, which is coarse.</summary>
    public double? Deviation { get; init; }
}
