using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Latency;

/// <summary>Times variants against their baseline, run in turn in one process.</summary>
/// <remarks>
/// Stages: (1) every network is opened anew in each of several sessions, because the place that memory happens to get shifts a network's time by up to
/// some percent, which no number of runs in one session averages out; (2) untimed runs until the network is warm; (3) a pilot that fixes how many
/// runs make a visit; (4) rounds, in which each network is visited once, in turn and in reverse turn (A B, B A, A B …), so that a drift of the machine
/// cancels in the ratio; each visit begins with untimed runs, for the caches; (5) figures.
/// A session ends when its ratios are precise or its share of the time is used. That rule looks at the spread within the session only, never at
/// the final interval, so stopping does not make the interval too narrow.
/// Everything runs on the calling thread.
/// </remarks>
public sealed record PairedLatency
{
    /// <summary>Fewest sessions: below three nothing is known of the spread between them.</summary>
    internal const int FewestSessions = 3;

    /// <summary>Fewest rounds of a session: one in turn, one in reverse.</summary>
    internal const int FewestRounds = 2;

    /// <summary>Rounds, an even number, after which precision is looked at for the first time; then at each doubling.</summary>
    internal const int FirstCheck = 32;

    /// <summary>Most rounds of a session, an even number, which bounds the memory.</summary>
    internal const int MostRounds = 4096;

    /// <summary>The two clocks.</summary>
    public required IRunClock Clock { get; init; }

    /// <summary>Threads that the networks are opened with, at least 1. With one, the thread's processor time is the control of the wall time.</summary>
    public int Threads { get; init => field = AtLeast(value, 1, nameof(Threads)); } = 1;

    /// <summary>Time for the rounds of one variant, positive; a network so slow that <see cref="FewestSessions"/> sessions do not fit takes longer.</summary>
    public TimeSpan TimePerVariant
    {
        get; init => field = value > TimeSpan.Zero ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be positive.");
    } = TimeSpan.FromSeconds(1.5);

    /// <summary>Sessions, at least 3; fewer are made, but at least 3, where the time does not suffice.</summary>
    public int Sessions { get; init => field = AtLeast(value, FewestSessions, nameof(Sessions)); } = 5;

    /// <summary>A session ends early when the standard error of every ratio in it is below this fraction, 0 to 1.</summary>
    public double TargetStandardError
    {
        get; init => field = value is > 0 and < 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The target must be in (0, 1).");
    } = 0.001;

    /// <summary>Times a baseline and its variants.</summary>
    /// <param name="baseline">Opens the baseline.</param>
    /// <param name="variants">Each opens a variant; may be empty. All are open at the same time.</param>
    /// <param name="inputs">Fed to all.</param>
    /// <param name="cancellation">Looked at between visits.</param>
    /// <exception cref="OnnxModelException">A network cannot be opened or run.</exception>
    public LatencyReport Measure(Func<INetworkSession> baseline, IReadOnlyList<Func<INetworkSession>> variants,
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(variants);
        ArgumentNullException.ThrowIfNull(inputs);
        Func<INetworkSession>[] networks = [baseline, .. variants];
        long budget = (long)(TimePerVariant.TotalNanoseconds * Math.Max(1, variants.Count));
        var sessions = new List<SessionTimes>();
        VisitPlan[]? plans = null;
        int planned = Sessions;
        while (sessions.Count < planned)
        {
            using var open = OpenNetworks.All(networks, inputs, isReversed: sessions.Count % 2 == 1);
            open.WarmUp(Clock, cancellation);
            if (plans is null)
            {
                plans = open.Plan(Clock);
                long fewest = FewestRounds * plans.Sum(plan => plan.VisitNanoseconds);
                planned = (int)Math.Clamp(budget / Math.Max(1, fewest), FewestSessions, Sessions);
            }

            sessions.Add(RunRounds(open, plans, budget / planned, cancellation));
        }

        return LatencyFigures.Of(sessions, Threads);
    }

    SessionTimes RunRounds(OpenNetworks open, VisitPlan[] plans, long nanoseconds, CancellationToken cancellation)
    {
        var times = new SessionTimes(plans.Length);
        long started = Clock.WallNanoseconds;
        int nextCheck = FirstCheck;
        for (int round = 0; round < MostRounds; round++)
        {
            // Rounds come in blocks of two, A B B A.
            bool isBlockDone = round % 2 == 0;
            if (isBlockDone && round >= FewestRounds && Clock.WallNanoseconds - started >= nanoseconds) break;
            if (round == nextCheck)
            {
                if (times.LargestStandardError() <= TargetStandardError) break;
                nextCheck *= 2;
            }

            for (int step = 0; step < plans.Length; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                int network = round % 2 == 0 ? step : plans.Length - 1 - step;
                times.Add(network, open.Visit(network, plans[network], Clock));
            }
        }

        return times;
    }

    static int AtLeast(int value, int least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");
}
