using System.Collections.Immutable;

namespace Kneepoint.Measurement.Latency;

/// <summary>What <see cref="PairedLatency"/> found.</summary>
/// <param name="BaselineMilliseconds">The baseline's median run.</param>
/// <param name="Variants">One for each variant, in their order.</param>
/// <param name="Clock">Which clock the figures are from.</param>
/// <param name="Threads">Threads that the networks ran with.</param>
/// <param name="Sessions">How often the networks were opened anew.</param>
/// <param name="Rounds">Visits of each network, over all sessions.</param>
/// <param name="WallOverCpu">Wall ÷ processor time of all timed runs together; 1 on a quiet machine, meaningful with one thread only.</param>
/// <param name="Findings">What to know before trusting the figures.</param>
public sealed record LatencyReport(
    Interval BaselineMilliseconds,
    ImmutableArray<VariantLatency> Variants,
    LatencyClock Clock,
    int Threads,
    int Sessions,
    int Rounds,
    double WallOverCpu,
    ImmutableArray<Finding> Findings);

/// <summary>A variant's time and how it compares.</summary>
/// <param name="Milliseconds">The median run.</param>
/// <param name="Ratio">Variant over baseline, paired; below 1 is faster.</param>
/// <param name="Verdict">Whether the two can be told apart.</param>
public sealed record VariantLatency(Interval Milliseconds, Interval Ratio, LatencyVerdict Verdict);

/// <summary>Whether a variant's time can be told from the baseline's.</summary>
public enum LatencyVerdict
{
    /// <summary>The measurement cannot tell them apart.</summary>
    NotDistinguishable,

    /// <summary>The variant takes less time.</summary>
    Faster,

    /// <summary>The variant takes more time.</summary>
    Slower,
}

/// <summary>What time was taken.</summary>
public enum LatencyClock
{
    /// <summary>The time on the wall.</summary>
    Wall,

    /// <summary>The processor time of the thread that runs the network: what the wall time would be on a machine that does nothing else.</summary>
    ThreadCpu,
}
