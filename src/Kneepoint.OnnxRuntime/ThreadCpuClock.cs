using System.Diagnostics;
using System.Runtime.InteropServices;
using Kneepoint.Measurement;

namespace Kneepoint.OnnxRuntime;

/// <summary>The system's clocks of wall time and of the calling thread's processor time.</summary>
/// <remarks>A session with one thread runs on the calling thread alone, so its processor time leaves out what other programs did meanwhile. With more
/// threads it misses the workers' part: use wall time there.</remarks>
public sealed partial class ThreadCpuClock : IRunClock
{
    const long NanosecondsPerSecond = 1_000_000_000;

    // CLOCK_THREAD_CPUTIME_ID of each system's <time.h>.
    const int LinuxThreadClock = 3;
    const int MacThreadClock = 16;
    readonly int _threadClock = OperatingSystem.IsLinux() ? LinuxThreadClock : MacThreadClock;

    /// <summary>Whether this system measures the processor time of a thread finely enough; else it is the wall time.</summary>
    public bool MeasuresThreadCpu { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <inheritdoc/>
    public long WallNanoseconds
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp();
            return Stopwatch.Frequency == NanosecondsPerSecond ? ticks : (long)((Int128)ticks * NanosecondsPerSecond / Stopwatch.Frequency);
        }
    }

    /// <inheritdoc/>
    public long ThreadCpuNanoseconds => MeasuresThreadCpu && Read(_threadClock, out var time) == 0
        ? time.Seconds * NanosecondsPerSecond + time.Nanoseconds
        : WallNanoseconds;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Read(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    readonly struct TimeSpecification
    {
        readonly nint _seconds;
        readonly nint _nanoseconds;

        public long Seconds => _seconds;

        public long Nanoseconds => _nanoseconds;
    }
}
