using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Measurement.Latency;

/// <summary>"Times" are a function of the network, the session and the index of the run: nothing sleeps and no clock is read.</summary>
public sealed class PairedLatencyTests
{
    const double Millisecond = 1e6;

    /// <summary>Nanoseconds of a run: (network, session, index of the run over all networks).</summary>
    delegate double RunFunction(int network, int session, long index);

    sealed class Machine(RunFunction wall, RunFunction? cpu = null) : IRunClock
    {
        double _wall = 1e9;
        double _cpu;
        long _runs;

        public List<string> Log { get; } = [];

        public int Open { get; private set; }

        public long WallNanoseconds => (long)_wall;

        public long ThreadCpuNanoseconds => (long)_cpu;

        public Func<INetworkSession> Network(int network)
        {
            int sessions = 0;
            return () =>
            {
                Open++;
                Log.Add($"open {network}");
                return new Session(this, network, sessions++);
            };
        }

        public LatencyReport Measure(int variants, PairedLatency? settings = null) =>
            ((settings ?? new PairedLatency { Clock = this }) with { Clock = this }).Measure(Network(0),
                [.. Enumerable.Range(1, variants).Select(Network)], new Dictionary<string, Tensor>(), TestContext.Current.CancellationToken);

        void Run(int network, int session)
        {
            double time = wall(network, session, _runs);
            _wall += time;
            _cpu += cpu is null ? time : cpu(network, session, _runs);
            _runs++;
            if (Log.Count < 10_000) Log.Add($"run {network}");
        }

        sealed class Session(Machine machine, int network, int session) : INetworkSession, IPreparedRun
        {
            bool _isDisposed;

            public IReadOnlyList<ValueSignature> Inputs => [];

            public IReadOnlyList<ValueSignature> Outputs => [];

            public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs) => throw new NotSupportedException();

            public IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs) => this;

            public void Run() => machine.Run(network, session);

            public void Dispose()
            {
                if (!_isDisposed) machine.Open--;
                _isDisposed = true;
            }
        }
    }

    static VariantLatency Only(LatencyReport report) => Assert.Single(report.Variants);

    [Fact]
    public void Steady_times_give_their_ratio_without_doubt()
    {
        var machine = new Machine((network, _, _) => network == 0 ? 10 * Millisecond : 4 * Millisecond);
        var report = machine.Measure(1);

        Assert.Equal(0.4, Only(report).Ratio.Value, 1e-6);
        Assert.Equal(0.4, Only(report).Ratio.High, 1e-6);
        Assert.Equal(10, report.BaselineMilliseconds.Value, 1e-6);
        Assert.Equal(4, Only(report).Milliseconds.Value, 1e-6);
        Assert.Equal(LatencyVerdict.Faster, Only(report).Verdict);
        Assert.Empty(report.Findings);
        Assert.Equal(0, machine.Open);
    }

    [Fact]
    public void A_drift_cancels_in_the_ratio()
    {
        // The machine gets slower by a tenth of a percent with each run: threefold in the end.
        var report = new Machine((network, _, index) => (network == 0 ? 5 : 5.5) * Millisecond * Math.Exp(1e-3 * index)).Measure(1);

        Assert.Equal(1.1, Only(report).Ratio.Value, 1e-3);
        Assert.Equal(LatencyVerdict.Slower, Only(report).Verdict);
    }

    [Fact]
    public void A_spike_changes_nothing()
    {
        var report = new Machine((network, _, index) => index == 300 ? 500 * Millisecond : (network == 0 ? 2 : 3) * Millisecond).Measure(1);

        Assert.Equal(1.5, Only(report).Ratio.Value, 1e-9);
        Assert.InRange(Only(report).Ratio.High, 1.5, 1.51);
    }

    [Fact]
    public void Alternating_times_do_not_make_equal_networks_differ()
    {
        var report = new Machine((_, _, index) => index % 2 == 0 ? 2 * Millisecond : 2.4 * Millisecond).Measure(1);

        Assert.Equal(LatencyVerdict.NotDistinguishable, Only(report).Verdict);
        Assert.InRange(1, Only(report).Ratio.Low, Only(report).Ratio.High);
    }

    [Fact]
    public void A_bias_of_single_sessions_is_not_taken_for_a_difference()
    {
        // In each session the place of memory makes one network slower for good: many runs, five sessions.
        double[] bias = [0.03, -0.02, 0.01, -0.03, 0.02];
        var report = new Machine((network, session, _) => network == 0 ? Millisecond : Millisecond * (1 + bias[session % 5])).Measure(1);

        Assert.Equal(LatencyVerdict.NotDistinguishable, Only(report).Verdict);
        Assert.InRange(Only(report).Ratio.High - Only(report).Ratio.Low, 0.04, 0.08);
    }

    [Fact]
    public void A_difference_below_one_percent_is_not_claimed()
    {
        var report = new Machine((network, _, _) => network == 0 ? 5 * Millisecond : 5.03 * Millisecond).Measure(1);

        Assert.Equal(LatencyVerdict.NotDistinguishable, Only(report).Verdict);
    }

    [Fact]
    public void Equal_networks_are_told_apart_in_at_most_one_of_fifty_runs()
    {
        int wrong = 0, covered = 0;
        const int Runs = 2000;
        Parallel.For(0, Runs, seed =>
        {
            var random = new Xoshiro256(seed);
            double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var bias = new Dictionary<(int, int), double>();
            double Bias(int network, int session) => bias.TryGetValue((network, session), out double b) ? b : bias[(network, session)] = 0.01 * Normal();
            // 1 % between sessions, 3 % between runs, one run in ten disturbed by up to a half.
            var machine = new Machine((network, session, _) => 5 * Millisecond
                * Math.Exp(Bias(network, session) + 0.03 * Normal() + (random.Below(10) == 0 ? 0.5 * random.NextDouble() : 0)));
            var variant = Only(machine.Measure(1, new PairedLatency { Clock = machine, TimePerVariant = TimeSpan.FromSeconds(0.6) }));
            if (variant.Verdict != LatencyVerdict.NotDistinguishable) Interlocked.Increment(ref wrong);
            if (variant.Ratio.Low <= 1 && 1 <= variant.Ratio.High) Interlocked.Increment(ref covered);
        });

        Assert.InRange(wrong, 0, Runs / 50);
        Assert.InRange((double)covered / Runs, 0.94, 0.96);
    }

    [Fact]
    public void Networks_take_turns_in_reversing_order_and_every_session_opens_them_anew()
    {
        var machine = new Machine((_, _, _) => 200 * Millisecond);
        var report = machine.Measure(2, new PairedLatency { Clock = machine, TimePerVariant = TimeSpan.FromSeconds(9), Sessions = 3 });

        Assert.Equal(3, report.Sessions);
        string[] opened = [.. machine.Log.Where(entry => entry.StartsWith("open", StringComparison.Ordinal))];
        Assert.Equal(["open 0", "open 1", "open 2", "open 2", "open 1", "open 0", "open 0", "open 1", "open 2"], opened);
        // After warm-up (2 each) and pilot (3 each); at 200 ms a visit is a single run.
        string[] runs = [.. machine.Log.Skip(3 + 15).TakeWhile(entry => entry.StartsWith("run", StringComparison.Ordinal))];
        Assert.Equal(["run 0", "run 1", "run 2", "run 2", "run 1", "run 0", "run 0", "run 1", "run 2"], runs.Take(9));
    }

    [Fact]
    public void Time_per_variant_is_kept_unless_the_network_is_too_slow()
    {
        var machine = new Machine((network, _, index) => (1 + index % 7 * 0.1) * Millisecond);
        long started = machine.WallNanoseconds;
        var report = machine.Measure(4, new PairedLatency { Clock = machine, TimePerVariant = TimeSpan.FromSeconds(2), TargetStandardError = 1e-9 });
        Assert.InRange((machine.WallNanoseconds - started) / 1e9, 7.5, 9);
        Assert.Equal(5, report.Sessions);

        var slow = new Machine((_, _, _) => 2000 * Millisecond).Measure(1);
        Assert.Equal(3, slow.Sessions);
        Assert.Equal(6, slow.Rounds);
    }

    [Fact]
    public void A_precise_session_ends_early()
    {
        var machine = new Machine((network, _, index) => (1 + 1e-4 * (index % 3)) * Millisecond);
        var report = machine.Measure(1, new PairedLatency { Clock = machine, TimePerVariant = TimeSpan.FromMinutes(1) });

        Assert.Equal(5 * 32, report.Rounds);
    }

    [Fact]
    public void On_a_disturbed_machine_processor_time_decides()
    {
        // Preemption triples the wall time of every other run of the variant; its processor time is the baseline's.
        var machine = new Machine(
            (network, _, index) => (network == 1 && index % 2 == 0 ? 6 : 2.5) * Millisecond,
            (_, _, _) => 2 * Millisecond);
        var report = machine.Measure(1);

        Assert.Equal(LatencyClock.ThreadCpu, report.Clock);
        Assert.Equal("machine-noisy", Assert.Single(report.Findings).Code);
        Assert.Equal(LatencyVerdict.NotDistinguishable, Only(report).Verdict);
        Assert.Equal(2, report.BaselineMilliseconds.Value, 1e-9);
        // Between 2.5 and 6 ms on the wall, 2 ms of the processor.
        Assert.InRange(report.WallOverCpu, 1.5, 1.8);
    }

    [Fact]
    public void Interruptions_that_no_median_shows_are_said()
    {
        // One run in twenty waits for 4 ms: the median visit sees nothing of it, and a tenth of the wall time is lost.
        var machine = new Machine((_, _, index) => (index % 20 == 0 ? 6 : 2) * Millisecond, (_, _, _) => 2 * Millisecond);
        var report = machine.Measure(1);

        Assert.Equal("machine-noisy", Assert.Single(report.Findings).Code);
        Assert.Equal(1.1, report.WallOverCpu, 0.03);
        Assert.Equal(2, report.BaselineMilliseconds.Value, 1e-9);
        Assert.Equal(LatencyVerdict.NotDistinguishable, Only(report).Verdict);
    }

    [Fact]
    public void With_several_threads_the_wall_decides_and_scatter_is_said()
    {
        var machine = new Machine((_, _, index) => (1 + index * 7919 % 13 * 0.1) * Millisecond, (_, _, _) => 0.4 * Millisecond);
        var report = machine.Measure(1, new PairedLatency { Clock = machine, Threads = 2 });

        Assert.Equal(LatencyClock.Wall, report.Clock);
        var finding = Assert.Single(report.Findings);
        Assert.Equal(("machine-noisy", FindingSeverity.Warning), (finding.Code, finding.Severity));
    }

    [Fact]
    public void Short_runs_are_timed_together()
    {
        // The clock ticks in whole nanoseconds: a run of 1500.25 ns is seen only over many.
        var machine = new Machine((network, _, _) => network == 0 ? 1500.25 : 3000.5);
        var report = machine.Measure(1, new PairedLatency { Clock = machine, TimePerVariant = TimeSpan.FromMilliseconds(20) });

        Assert.Equal(2, Only(report).Ratio.Value, 1e-3);
        Assert.Equal(1.50025e-3, report.BaselineMilliseconds.Value, 1e-7);
    }

    [Fact]
    public void A_network_that_cannot_be_opened_leaves_none_open()
    {
        var machine = new Machine((_, _, _) => Millisecond);

        Assert.Throws<OnnxModelException>(() => new PairedLatency { Clock = machine }.Measure(machine.Network(0),
            [() => throw new OnnxModelException("No.")], new Dictionary<string, Tensor>(), TestContext.Current.CancellationToken));
        Assert.Equal(0, machine.Open);
    }

    [Fact]
    public void Cancellation_ends_between_visits()
    {
        using var source = new CancellationTokenSource();
        var machine = new Machine((_, _, index) =>
        {
            if (index == 100) source.Cancel();
            return Millisecond;
        });

        Assert.Throws<OperationCanceledException>(() => new PairedLatency { Clock = machine }.Measure(machine.Network(0), [machine.Network(1)],
            new Dictionary<string, Tensor>(), source.Token));
        Assert.Equal(0, machine.Open);
    }

    [Fact]
    public void The_baseline_alone_has_a_time()
    {
        var report = new Machine((_, _, _) => 3 * Millisecond).Measure(0);

        Assert.Equal(3, report.BaselineMilliseconds.Value, 1e-9);
        Assert.Empty(report.Variants);
    }

    [Fact]
    public void Settings_reject_what_makes_no_sense()
    {
        var clock = new Machine((_, _, _) => 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new PairedLatency { Clock = clock, Sessions = 2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairedLatency { Clock = clock, Threads = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairedLatency { Clock = clock, TimePerVariant = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairedLatency { Clock = clock, TargetStandardError = 0 });
    }
}
