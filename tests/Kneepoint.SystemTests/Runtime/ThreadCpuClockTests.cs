using Kneepoint.OnnxRuntime;

namespace Kneepoint.SystemTests.Runtime;

public sealed class ThreadCpuClockTests
{
    [Fact]
    public void Thread_time_counts_this_thread_and_not_its_sleep()
    {
        var clock = new ThreadCpuClock();
        Assert.SkipUnless(clock.MeasuresThreadCpu, "This system does not measure the processor time of a thread.");
        long wall = clock.WallNanoseconds;
        long cpu = clock.ThreadCpuNanoseconds;

        Thread.Sleep(50);

        long slept = clock.WallNanoseconds - wall;
        long computed = clock.ThreadCpuNanoseconds - cpu;
        Assert.InRange(slept, 49_000_000, long.MaxValue);
        Assert.InRange(computed, 0, slept / 2);
    }

    [Fact]
    public void Thread_time_grows_with_work()
    {
        var clock = new ThreadCpuClock();
        long before = clock.ThreadCpuNanoseconds;
        double sum = 0;
        for (int i = 0; i < 10_000_000; i++) sum += Math.Sqrt(i);

        Assert.True(sum > 0);
        Assert.InRange(clock.ThreadCpuNanoseconds - before, 1_000_000, long.MaxValue);
    }
}
