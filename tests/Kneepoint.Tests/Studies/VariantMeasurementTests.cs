using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tensors;
using Kneepoint.Tests.Measurement;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Studies;

public sealed class VariantMeasurementTests : IDisposable
{
    const double BaselineNanoseconds = 2e6;
    readonly string _folder = Directory.CreateTempSubdirectory("kneepoint-test-").FullName;
    readonly World _world = new();

    static readonly float[][] Rows = [.. Enumerable.Range(0, 400).Select(i => new float[] { i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0, i % 3 == 2 ? 1 : 0 })];
    static readonly long[] Labels = [.. Enumerable.Range(0, 400).Select(i => (long)(i % 3))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Network(string name, double nanoseconds, Func<float[], float[]> function)
    {
        string file = Path.Combine(_folder, $"{name}.onnx");
        TestModel.Of(17, [TestModel.Float("x", -1, 3)], [TestModel.Float("y", -1, 3)], [], TestModel.Node("Relu", "x", "y")).Save(file);
        _world.Networks[file] = (nanoseconds, function);
        return file;
    }

    VariantMeasurement Measurement(string baselineFile) => Measurement(baselineFile, new TopK(1, "y"), Labels);

    VariantMeasurement Measurement(string baselineFile, IMetric metric, long[] labels, int batch = 1) => new(
        new Subject(OnnxModel.Load(baselineFile), baselineFile, new FakeData(Rows, labels), metric, _world), _world,
        new ExplorationSettings { EvaluationThreads = 2, Batch = batch, LatencyTime = TimeSpan.FromSeconds(1) }, _ => new VariantCost(9, 9 * 32 * 32, 36), ["avx2"], _ => { });

    static CompressedNetwork Given(string file, params ReadOnlySpan<Finding> findings) => new(OnnxModel.Load(file), [.. findings], []);

    static Measured Figures(TrialOutcome outcome) => Assert.IsType<TrialOutcome.Measured>(outcome).Figures;

    [Fact]
    public void A_variant_is_measured_against_the_baseline()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string faster = Network("faster", BaselineNanoseconds / 4, row => row[0] == 1 ? [0, 1, 0] : row);
        using var measurement = Measurement(file);
        var baseline = Figures(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken));
        var variant = Figures(measurement.Of(faster, Given(faster, new Finding("made", FindingSeverity.Note, "As said.")), isBaseline: false, TestContext.Current.CancellationToken));

        Assert.Equal((1, 0), (baseline.Accuracy.Value, baseline.AccuracyChange.Value));
        Assert.Equal(1, baseline.Compute.LatencyRatio!.Value.Value, 1e-9);
        Assert.Equal(2, baseline.Compute.LatencyMilliseconds!.Value.Value, 1e-6);
        Assert.Equal(1 - 134 / 400.0, variant.Accuracy.Value, 1e-6);
        Assert.Equal(-134 / 400.0, variant.AccuracyChange.Value, 1e-6);
        Assert.Equal(0.25, variant.Compute.LatencyRatio!.Value.Value, 1e-6);
        Assert.Equal(new MemoryFigures(new FileInfo(faster).Length, null, 36, World.ActivationBytes, World.ResidentBytes), variant.Memory);
        Assert.Equal((9, 9 * 32 * 32), (variant.Compute.Macs, variant.Compute.BitOps));
        // Of the graph itself, of the probe, and of the method that made the variant; each once.
        Assert.Equal(["made", "probed", "size-inflated", "too-few-samples"], variant.Findings.Select(finding => finding.Code).Order());
    }

    [Fact]
    public void Bug_a_variant_looked_slow_because_it_was_timed_while_the_machine_was_busy()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row), faster = Network("faster", BaselineNanoseconds / 4, row => row);
        using var measurement = Measurement(file);
        var quiet = Figures(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken)).Compute.LatencyMilliseconds!.Value;
        foreach (string name in (string[])[file, faster]) _world.Networks[name] = _world.Networks[name] with { Nanoseconds = 3 * _world.Networks[name].Nanoseconds };

        var compute = Figures(measurement.Of(faster, Given(faster), isBaseline: false, TestContext.Current.CancellationToken)).Compute;

        Assert.Equal(0.25, compute.LatencyRatio!.Value.Value, 1e-6);
        Assert.Equal(0.25 * quiet.Value, compute.LatencyMilliseconds!.Value.Value, 1e-6);

        // A run that goes on with the study knows the baseline's time from the first one.
        using var later = Measurement(file);
        later.UseBaseline(new SampleScores([.. Enumerable.Repeat(1f, 400)], 1), quiet);
        Assert.Equal(0.25 * quiet.Value, Figures(later.Of(faster, Given(faster), isBaseline: false, TestContext.Current.CancellationToken)).Compute.LatencyMilliseconds!.Value.Value, 1e-6);
    }

    [Fact]
    public void Outputs_that_are_broken_are_a_rejection_and_no_measurement()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string broken = Network("broken", BaselineNanoseconds, _ => [float.NaN, float.NaN, float.NaN]);
        string constant = Network("constant", BaselineNanoseconds, _ => [1, 1, 1]);
        string refused = Network("refused", BaselineNanoseconds, _ => throw new OnnxModelException("It does not run."));
        using var measurement = Measurement(file);
        measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken);
        string Reason(string variant) => Assert.IsType<TrialOutcome.Rejected>(measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken)).Reason;

        Assert.Contains("holds no finite number", Reason(broken), StringComparison.Ordinal);
        Assert.Contains("throughout", Reason(constant), StringComparison.Ordinal);
        Assert.Equal("The runtime refuses the variant: It does not run.", Reason(refused));
    }

    [Fact]
    public void Bug_a_variant_without_a_figure_ended_the_whole_run()
    {
        // No sample is of class 1: F1 is 0 where one is taken for it, and no number where none is.
        string file = Network("baseline", BaselineNanoseconds, row => [row[1], row[0]]);
        string variant = Network("variant", BaselineNanoseconds, row => [1, 0.5f * row[0]]);
        using var measurement = Measurement(file, new F1("y"), [.. Labels.Select(_ => 0L)]);
        Assert.Equal(0, Figures(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken)).Accuracy.Value);

        var outcome = measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken);

        Assert.Contains("is no number", Assert.IsType<TrialOutcome.Rejected>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_baseline_that_does_not_run_is_an_error()
    {
        string file = Network("baseline", BaselineNanoseconds, _ => throw new OnnxModelException("It does not run."));
        using var measurement = Measurement(file);

        Assert.Throws<OnnxModelException>(() => measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_variant_before_its_baseline_is_refused_unless_the_scores_are_known()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string variant = Network("variant", BaselineNanoseconds, row => row);
        using var measurement = Measurement(file);
        Assert.Throws<InvalidOperationException>(() => measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken));

        measurement.UseBaseline(new SampleScores([.. Enumerable.Repeat(1f, 400)], 1));
        Assert.Contains(Figures(measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken)).Findings,
            finding => finding.Code == "latency-not-distinguishable");
    }

    [Fact]
    public void A_variant_that_a_cheaper_one_beats_is_dropped_early_and_costs_nothing_more_to_measure()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string worse = Network("worse", BaselineNanoseconds, row => row[0] == 1 ? [0, 1, 0] : row);
        using var measurement = Measurement(file);
        var rivals = RivalsOf("fileBytes", "macs");
        rivals.Add(Recipe.Baseline, Assert.IsType<TrialOutcome.Measured>(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken)));
        _world.Measured.Clear();

        var dropped = Assert.IsType<TrialOutcome.Dropped>(measurement.Of(worse, Given(worse), isBaseline: false, TestContext.Current.CancellationToken, entry: rivals.Meet(AnyRecipe)));

        Assert.Equal((Recipe.Baseline.Id, 400, 0.99), (dropped.DominatedBy, dropped.Samples, dropped.Confidence));
        Assert.InRange(dropped.SamplesSeen, 32, 128);
        Assert.InRange(-134 / 400.0, dropped.Change.Low, dropped.Change.High);
        Assert.True(dropped.Change.High < 0);
        Assert.Equal(["fileBytes", "weightBytes", "macs", "bitOps"], dropped.Figures.Select(figure => figure.Name));
        Assert.Equal(new FileInfo(worse).Length, dropped.Figures[0].Value);
        Assert.Empty(_world.Measured);
    }

    [Fact]
    public void A_variant_that_survives_its_race_has_the_figures_of_one_that_was_not_raced()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string worse = Network("worse", BaselineNanoseconds, row => row[0] == 1 ? [0, 1, 0] : row);
        string variant = Network("variant", BaselineNanoseconds / 2, row => row[0] == 1 ? [0.5f, 0.4f, 0] : row);
        using var measurement = Measurement(file);
        measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken);
        var rivals = RivalsOf("weightBytes", "macs");
        rivals.Add(AnyRecipe, Assert.IsType<TrialOutcome.Measured>(measurement.Of(worse, Given(worse), isBaseline: false, TestContext.Current.CancellationToken)));
        var unraced = Assert.IsType<TrialOutcome.Measured>(measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken));

        var raced = Assert.IsType<TrialOutcome.Measured>(measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken, entry: rivals.Meet(AnyRecipe)));

        Assert.Equal(unraced.SampleScores, raced.SampleScores);
        Assert.Equal((unraced.Figures.Accuracy, unraced.Figures.AccuracyChange, unraced.Figures.Memory), (raced.Figures.Accuracy, raced.Figures.AccuracyChange, raced.Figures.Memory));
        Assert.Equal(400, unraced.Figures.Evaluations);
        Assert.InRange(raced.Figures.Evaluations!.Value, 400, 464);
    }

    // Without the time of the variant nobody knows whether the baseline costs no more.
    [Fact]
    public void What_time_decides_is_timed_first()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string slower = Network("slower", BaselineNanoseconds * 2, row => row[0] == 1 ? [0, 1, 0] : row);
        string faster = Network("faster", BaselineNanoseconds / 2, row => row[0] == 1 ? [0, 1, 0] : row);
        using var measurement = Measurement(file);
        var rivals = RivalsOf("fileBytes", "latency");
        rivals.Add(Recipe.Baseline, Assert.IsType<TrialOutcome.Measured>(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken)));
        TrialOutcome Outcome(string variant) => measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken, entry: rivals.Meet(AnyRecipe));

        Assert.Equal(4, Assert.IsType<TrialOutcome.Dropped>(Outcome(slower)).Figures.Single(figure => figure.Name == "latency").Value, 1e-6);
        Assert.IsType<TrialOutcome.Measured>(Outcome(faster));
    }

    // Other batches would give other ranges, and so the figures of another network than the one that is deployed.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_network_that_takes_ranges_from_its_batch_is_scored_at_the_batch_that_is_deployed(int deployed)
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string variant = Dynamic(Network("variant", BaselineNanoseconds, row => row));
        using var measurement = Measurement(file, new TopK(1, "y"), Labels, deployed);
        measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken);
        Assert.Contains(32, _world.BatchesOf(file));
        _world.Sessions.Clear();

        measurement.Of(variant, Given(variant), isBaseline: false, TestContext.Current.CancellationToken);

        // The first run is the comparison of outputs.
        Assert.Equal([32, .. Enumerable.Repeat((long)deployed, 400 / deployed)], _world.BatchesOf(variant));
    }

    [Fact]
    public void A_network_that_takes_ranges_from_its_batch_is_raced_where_it_is_deployed_one_by_one_and_nowhere_else()
    {
        string file = Network("baseline", BaselineNanoseconds, row => row);
        string worse = Dynamic(Network("worse", BaselineNanoseconds, row => row[0] == 1 ? [0, 1, 0] : row));
        foreach (int deployed in new[] { 1, 2 })
        {
            using var measurement = Measurement(file, new TopK(1, "y"), Labels, deployed);
            var rivals = RivalsOf("macs", "weightBytes");
            rivals.Add(Recipe.Baseline, Assert.IsType<TrialOutcome.Measured>(measurement.Of(file, Given(file), isBaseline: true, TestContext.Current.CancellationToken)));

            var outcome = measurement.Of(worse, Given(worse), isBaseline: false, TestContext.Current.CancellationToken, entry: rivals.Meet(AnyRecipe));

            Assert.Equal(deployed == 1, outcome is TrialOutcome.Dropped);
        }
    }

    static string Dynamic(string file)
    {
        var quantize = TestModel.Node("DynamicQuantizeLinear", "x", "q");
        quantize.Output.Add("scale");
        quantize.Output.Add("zero");
        TestModel.Of(17, [TestModel.Float("x", -1, 3)], [TestModel.Float("y", -1, 3)], [], quantize, TestModel.Node("Relu", "x", "y")).Save(file);
        return file;
    }

    static Rivals RivalsOf(params string[] objectives) => new(new TopK(1, "y"), new ExplorationSettings { Objectives = ["accuracy", .. objectives], Racing = Racing.Always });

    static Recipe AnyRecipe => new([new Step("method", ["layer"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal))]);

    /// <summary>A runtime, a probe and a clock in which a run takes the time that its network was given.</summary>
    sealed class World : INetworkRuntime, IVariantProbe, IRunClock
    {
        public const long ActivationBytes = 24;
        public const long ResidentBytes = 4096;
        double _now = 1e9;

        public Dictionary<string, (double Nanoseconds, Func<float[], float[]> Function)> Networks { get; } = [];

        public List<string> Measured { get; } = [];

        public string Name => "world";

        public IRunClock Clock => this;

        public long WallNanoseconds => (long)_now;

        public long ThreadCpuNanoseconds => (long)_now;

        public List<(string File, FakeNetwork Network)> Sessions { get; } = [];

        public IEnumerable<long> BatchesOf(string file) => Sessions.Where(session => session.File == file).SelectMany(session => session.Network.Batches);

        INetworkSession INetworkRuntime.Open(string modelFile, SessionSettings settings)
        {
            var session = new Session(this, modelFile);
            Sessions.Add((modelFile, session.Network));
            return session;
        }

        INetworkSession INetworkRuntime.Open(OnnxModel model, SessionSettings settings) => throw new NotSupportedException();

        public OnnxModel Optimize(string modelFile, SessionSettings settings) => throw new NotSupportedException();

        public OnnxModel Optimize(OnnxModel model, SessionSettings settings) => throw new NotSupportedException();

        public ProbedBytes ActivationPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs)
        {
            Measured.Add(modelFile);
            return new ProbedBytes(ActivationBytes, []);
        }

        public ProbedBytes ResidentPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation) =>
            new(ResidentBytes, [new Finding("probed", FindingSeverity.Note, "As said."), new Finding("probed", FindingSeverity.Note, "As said.")]);

        public FusionReport Inspect(OnnxModel variant, IReadOnlyCollection<string> layers, IReadOnlyCollection<string> quantizedLayers) => throw new NotSupportedException();

        sealed class Session(World world, string file) : INetworkSession, IPreparedRun
        {
            public FakeNetwork Network { get; } = new(world.Networks[file].Function);

            public IReadOnlyList<ValueSignature> Inputs => Network.Inputs;

            public IReadOnlyList<ValueSignature> Outputs => Network.Outputs;

            public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs) => Network.Run(inputs);

            public IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs) => this;

            public void Run() => world._now += world.Networks[file].Nanoseconds;

            public void Dispose()
            {
            }
        }
    }
}
