using System.Collections.Immutable;

namespace Kneepoint.OnnxRuntime;

/// <summary>How much memory the values of a network take while it runs, at the batch of the inputs that were fed.</summary>
/// <param name="PlannerPeakBytes">The largest sum of live activations over the execution order of the graph as optimized for this machine; graph
/// inputs and outputs are counted, weights and workspaces are not.</param>
/// <param name="ArenaPeakBytes">What the runtime's arena held at most during a run beyond the loaded network: workspaces and rounding included, the
/// caller's inputs not; null if the runtime keeps no statistics.</param>
/// <param name="PeakValue">The first output of the node at which the planner's peak occurs; null in a graph without nodes.</param>
/// <param name="IsPlannerComplete">False if some values could not be sized; a finding then says which.</param>
/// <param name="Findings">What to know before using the figures.</param>
public sealed record ActivationPeakResult(
    long PlannerPeakBytes, long? ArenaPeakBytes, string? PeakValue, bool IsPlannerComplete, ImmutableArray<Finding> Findings)
{
    /// <summary>The figure to report: the planner's, or the larger of the two where the planner does not see everything.</summary>
    public long ActivationPeakBytes => IsPlannerComplete ? PlannerPeakBytes : Math.Max(PlannerPeakBytes, ArenaPeakBytes ?? 0);
}
