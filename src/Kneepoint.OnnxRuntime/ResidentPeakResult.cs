using System.Collections.Immutable;

namespace Kneepoint.OnnxRuntime;

/// <summary>Peak resident memory of a process that loads and runs a network, beyond that of one with a trivial network.</summary>
/// <param name="Bytes">The median of the repeats; null where it could not be measured, and a finding says why.</param>
/// <param name="LowBytes">The smallest of the repeats.</param>
/// <param name="HighBytes">The largest of the repeats.</param>
/// <param name="Findings">What to know before using the figure.</param>
public sealed record ResidentPeakResult(long? Bytes, long LowBytes, long HighBytes, ImmutableArray<Finding> Findings);
