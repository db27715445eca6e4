namespace Kneepoint.Measurement.Latency;

/// <summary>How a network is run when its turn comes.</summary>
/// <param name="WarmUps">Untimed runs first, which bring its weights back into the caches.</param>
/// <param name="Timings">Timings, of which the median counts.</param>
/// <param name="RunsPerTiming">Runs between two looks at the clock.</param>
/// <param name="VisitNanoseconds">What the visit takes, about.</param>
readonly record struct VisitPlan(int WarmUps, int Timings, int RunsPerTiming, long VisitNanoseconds)
{
    // Reading the thread's clock costs some 0.3 us; below 1 % of a timing it does not matter.
    const double ShortestTimingNanoseconds = 30_000;
    const double VisitTargetNanoseconds = 1_000_000;
    const int MostTimings = 9;

    // A network that runs this long refills the caches in a small part of its time.
    const double OneWarmUpNanoseconds = 10_000_000;
    const double NoWarmUpNanoseconds = 100_000_000;

    /// <summary>The plan for a network that takes so long when warm.</summary>
    public static VisitPlan Of(double runNanoseconds)
    {
        double run = Math.Max(1, runNanoseconds);
        int runs = (int)Math.Ceiling(ShortestTimingNanoseconds / run);
        int timings = Math.Clamp((int)(VisitTargetNanoseconds / (runs * run)), 1, MostTimings);
        int warmUps = run >= NoWarmUpNanoseconds ? 0 : run >= OneWarmUpNanoseconds ? 1 : 2;
        return new VisitPlan(warmUps, timings, runs, (long)((warmUps + timings * (double)runs) * run));
    }
}
