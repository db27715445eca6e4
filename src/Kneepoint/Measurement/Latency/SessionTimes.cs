namespace Kneepoint.Measurement.Latency;

/// <summary>The visits of one session: entry r of each network belongs to round r.</summary>
sealed class SessionTimes
{
    // The standard error of a median of normal values is this many times that of their mean.
    const double MedianPenalty = 1.2533;

    readonly List<RunTime>[] _visits;

    public SessionTimes(int networks)
    {
        _visits = new List<RunTime>[networks];
        for (int i = 0; i < networks; i++) _visits[i] = [];
    }

    /// <summary>The number of networks; the first is the baseline.</summary>
    public int Networks => _visits.Length;

    /// <summary>The number of complete rounds.</summary>
    public int Rounds => _visits.Min(visits => visits.Count);

    /// <summary>Notes a visit.</summary>
    public void Add(int network, RunTime time) => _visits[network].Add(time);

    /// <summary>The times of a network in nanoseconds, by round.</summary>
    public double[] Times(int network, LatencyClock clock) => [.. _visits[network].Select(visit => Of(visit, clock))];

    /// <summary>All timings of all networks on both clocks.</summary>
    public (double WallNanoseconds, double CpuNanoseconds) Totals()
    {
        double wall = 0, cpu = 0;
        foreach (var visit in _visits.SelectMany(visits => visits))
        {
            wall += visit.TotalWallNanoseconds;
            cpu += visit.TotalCpuNanoseconds;
        }

        return (wall, cpu);
    }

    /// <summary>The logarithms of variant ÷ baseline, one for each block of two rounds, A B B A.</summary>
    /// <remarks>Computes the mean of the two rounds' ln(variant ÷ baseline): a drift that is steady over the block, and whatever comes with every other
    /// visit, cancels.</remarks>
    public double[] LogRatios(int network, LatencyClock clock)
    {
        double[] ratios = new double[Rounds / 2];
        for (int b = 0; b < ratios.Length; b++) ratios[b] = (LogRatio(network, 2 * b, clock) + LogRatio(network, 2 * b + 1, clock)) / 2;
        return ratios;
    }

    /// <summary>The largest standard error among the variants' median log ratios, on the wall clock; the baseline's own if there are no variants.</summary>
    public double LargestStandardError()
    {
        double largest = 0;
        for (int i = Networks > 1 ? 1 : 0; i < Networks; i++)
        {
            double[] values = i > 0 ? LogRatios(i, LatencyClock.Wall) : Array.ConvertAll(Times(0, LatencyClock.Wall), Math.Log);
            largest = Math.Max(largest, MedianPenalty * Median.Deviation(values) / Math.Sqrt(values.Length));
        }

        return largest;
    }

    double LogRatio(int network, int round, LatencyClock clock) =>
        Math.Log(Of(_visits[network][round], clock) / Of(_visits[0][round], clock));

    // A clock that stands still during a run says "less than I can see": one nanosecond.
    static double Of(RunTime time, LatencyClock clock) => Math.Max(1, clock == LatencyClock.Wall ? time.WallNanoseconds : time.CpuNanoseconds);
}
