using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Latency;

/// <summary>The networks of one session, loaded and bound.</summary>
sealed class OpenNetworks : IDisposable
{
    const int FewestWarmUps = 2;
    const int MostWarmUps = 10;
    const long WarmUpNanoseconds = 50_000_000;
    const int PilotTimings = 3;

    readonly INetworkSession?[] _sessions;
    readonly IPreparedRun[] _runs;

    OpenNetworks(int count)
    {
        _sessions = new INetworkSession?[count];
        _runs = new IPreparedRun[count];
    }

    /// <summary>Opens all; in reverse order if asked, so that none always comes first to the memory.</summary>
    public static OpenNetworks All(Func<INetworkSession>[] networks, IReadOnlyDictionary<string, Tensor> inputs, bool isReversed)
    {
        var open = new OpenNetworks(networks.Length);
        try
        {
            for (int step = 0; step < networks.Length; step++)
            {
                int i = isReversed ? networks.Length - 1 - step : step;
                var session = networks[i]();
                open._sessions[i] = session;
                open._runs[i] = session.Prepare(inputs);
            }

            return open;
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }

    /// <summary>Runs each network until it is warm: the first runs of a session are up to twice as slow.</summary>
    public void WarmUp(IRunClock clock, CancellationToken cancellation)
    {
        foreach (var run in _runs)
        {
            long started = clock.WallNanoseconds;
            for (int i = 0; i < MostWarmUps; i++)
            {
                if (i >= FewestWarmUps && clock.WallNanoseconds - started >= WarmUpNanoseconds) break;
                cancellation.ThrowIfCancellationRequested();
                run.Run();
            }
        }
    }

    /// <summary>Fixes from a few timings how each network is visited. The fastest counts: a disturbance only adds.</summary>
    public VisitPlan[] Plan(IRunClock clock) => Array.ConvertAll(_runs, run =>
    {
        double fastest = double.PositiveInfinity;
        for (int i = 0; i < PilotTimings; i++) fastest = Math.Min(fastest, Time(run, 1, clock).WallNanoseconds);
        return VisitPlan.Of(fastest);
    });

    /// <summary>Visits a network once.</summary>
    /// <returns>The median timing, of each clock for itself.</returns>
    public RunTime Visit(int network, VisitPlan plan, IRunClock clock)
    {
        var run = _runs[network];
        for (int i = 0; i < plan.WarmUps; i++) run.Run();
        Span<double> wall = stackalloc double[plan.Timings], cpu = stackalloc double[plan.Timings];
        double totalWall = 0, totalCpu = 0;
        for (int i = 0; i < plan.Timings; i++)
        {
            var time = Time(run, plan.RunsPerTiming, clock);
            wall[i] = time.WallNanoseconds;
            cpu[i] = time.CpuNanoseconds;
            totalWall += time.WallNanoseconds;
            totalCpu += time.CpuNanoseconds;
        }

        return new RunTime(Median.Of(wall), Median.Of(cpu)) { TotalWallNanoseconds = totalWall, TotalCpuNanoseconds = totalCpu };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _runs.Length; i++)
        {
            _runs[i]?.Dispose();
            _sessions[i]?.Dispose();
        }
    }

    // The thread's clock outside: its reading costs ten times that of the wall clock.
    static RunTime Time(IPreparedRun run, int runs, IRunClock clock)
    {
        long cpu = clock.ThreadCpuNanoseconds, wall = clock.WallNanoseconds;
        for (int i = 0; i < runs; i++) run.Run();
        long wallEnd = clock.WallNanoseconds, cpuEnd = clock.ThreadCpuNanoseconds;
        return new RunTime((double)(wallEnd - wall) / runs, (double)(cpuEnd - cpu) / runs);
    }
}

/// <summary>The time of one run on both clocks: of a single one, or the median of a visit.</summary>
readonly record struct RunTime(double WallNanoseconds, double CpuNanoseconds)
{
    /// <summary>Of all timings of the visit together, those that were disturbed with the others.</summary>
    public double TotalWallNanoseconds { get; init; } = WallNanoseconds;

    /// <summary>The same on the other clock.</summary>
    public double TotalCpuNanoseconds { get; init; } = CpuNanoseconds;
}
