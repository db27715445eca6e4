namespace Kneepoint.Measurement;

/// <summary>Two clocks around a run: what passed on the wall, and what the calling thread computed.</summary>
/// <remarks>A run on one thread that was preempted costs wall time and no thread time, so the second is the control of the first. Only
/// differences mean something.</remarks>
public interface IRunClock
{
    /// <summary>Wall time since some fixed moment; never goes back.</summary>
    long WallNanoseconds { get; }

    /// <summary>Processor time of the calling thread; the wall time where the system cannot tell.</summary>
    long ThreadCpuNanoseconds { get; }
}
