using System.Collections.Immutable;
using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Runtime;

public sealed class ExecutedWorkTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData("adult", "adult_mlp.onnx")]
    [InlineData("kws", "dscnn_kws_ref.onnx")]
    [InlineData("clinc150", "clinc_transformer.onnx")]
    [InlineData("char-lstm", "char_lstm_shakespeare_t100.onnx")]
    [InlineData("cifar10", "resnet20_ft.onnx")]
    public void Whatever_the_runtime_fuses_the_executed_nodes_do_all_products_of_the_network_once(string folder, string model)
    {
        using var world = new World(folder, model);
        string[] methods = ["static-int8", "dynamic-int8", "weight-int8", "weight-int4", "prune-channels", "low-rank", "fp16-network"];

        foreach (var network in methods.Select(world.Make).OfType<CompressedNetwork>().Prepend(world.Baseline))
        {
            var shapes = ShapeCompletion.Infer(Runtime, network.Model, world.Inputs);
            var cost = NetworkCost.Of(network.Model, shapes);
            var marked = FusionReport.Mark(network.Model);

            var work = ExecutedWork.Of(marked, Runtime.Optimize(marked, new SessionSettings()).Graph, cost, shapes);

            Assert.Equal(cost.Macs, work.Sum(node => node.Macs));
            Assert.DoesNotContain(work, node => node.Operator.Length == 0);
        }
    }

    [Fact]
    public void Bug_time_was_guessed_from_operations_so_that_integers_in_a_network_of_two_microseconds_counted_as_faster()
    {
        using var world = new World("adult", "adult_mlp.onnx");
        double baseline = world.Estimate(world.Baseline);

        Assert.True(world.Estimate(world.Make("static-int8")!) > baseline);
        Assert.True(world.Estimate(world.Make("dynamic-int8")!) > baseline);
        Assert.True(world.Estimate(world.Make("weight-int8")!) > baseline);
        Assert.True(world.Estimate(world.Make("prune-channels")!) < baseline);
    }

    [Fact]
    public void Bug_where_the_runtime_widens_16_bits_the_products_were_not_found_and_their_nodes_counted_as_idle()
    {
        using var world = new World("adult", "adult_mlp.onnx");

        Assert.InRange(world.Estimate(world.Make("fp16-network")!), world.Estimate(world.Baseline), 1.5 * world.Estimate(world.Baseline));
    }

    [Fact]
    public void Bug_a_recurrent_operator_whose_first_output_is_left_out_counted_as_idle()
    {
        const int Steps = 5, Inputs = 8, Hidden = 16;
        var model = Graphs.Model([Graphs.Value("x", ElementType.Float32, Steps, 1, Inputs)], [], Graphs.Node("LSTM", ["x", "w", "r"], ["", "h"], Graphs.Int("hidden_size", Hidden)));
        model.Graph.Output.Add(Graphs.Value("h", ElementType.Float32, 1, 1, Hidden));
        model.Graph.Initializer.Add(Graphs.Weight("w", ElementType.Float32, [1, 4 * Hidden, Inputs], Graphs.Numbers(4 * Hidden * Inputs, 1)));
        model.Graph.Initializer.Add(Graphs.Weight("r", ElementType.Float32, [1, 4 * Hidden, Hidden], Graphs.Numbers(4 * Hidden * Hidden, 2)));
        var marked = FusionReport.Mark(model);
        using var session = Runtime.Open(model, new SessionSettings());
        var shapes = ShapeCompletion.Infer(Runtime, model, Graphs.Zeros(session));

        var work = ExecutedWork.Of(marked, Runtime.Optimize(marked, new SessionSettings()).Graph, NetworkCost.Of(model, shapes), shapes);

        Assert.Equal(new NodeWork("LSTM", Steps * 4 * Hidden * (Inputs + Hidden), 0, Steps * Inputs, Hidden), Assert.Single(work) with { Weights = 0 });
    }

    [Fact]
    public void In_a_network_of_large_layers_integers_count_as_faster_and_what_is_only_stored_small_as_the_same()
    {
        using var world = new World("fashion", "fashion_cnn.onnx");
        double baseline = world.Estimate(world.Baseline);

        Assert.True(world.Estimate(world.Make("static-int8")!) < 0.7 * baseline);
        Assert.Equal(baseline, world.Estimate(world.Make("fp16-weights")!));
    }

    [Fact]
    public void The_same_network_is_estimated_alike_each_time_whoever_else_is_at_work()
    {
        using var world = new World("kws", "dscnn_kws_ref.onnx");
        var network = world.Make("static-int8")!;
        double once = world.Estimate(network);

        double[] often = new double[8];
        Parallel.For(0, often.Length, i => often[i] = world.Estimate(network));

        Assert.All(often, estimate => Assert.Equal(once, estimate));
    }

    sealed class World : IDisposable
    {
        readonly Subject _subject;
        readonly ICalibrator _calibrator;
        readonly CostModel _costs;

        public World(string folder, string model)
        {
            var settings = new ExplorationSettings { RangeSamples = 16, MomentSamples = 32 };
            _subject = SubjectFile.Open(Path.Combine(Repository.Case(folder), model), Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{folder}.yaml"), Runtime, settings, TestContext.Current.CancellationToken);
            _calibrator = new StudyCalibration(_subject, settings).With(_ => { }, TestContext.Current.CancellationToken);
            _costs = new CostModel(_subject);
            using var session = Runtime.Open(_subject.BaselineFile, new SessionSettings());
            Inputs = LatencyInputs.Of(session, _subject.Data, _subject.BatchSize(1), TestContext.Current.CancellationToken);
        }

        public IReadOnlyDictionary<string, Tensor> Inputs { get; }

        public CompressedNetwork Baseline => new(_subject.Baseline, [], []);

        public double Estimate(CompressedNetwork network) => _costs.EstimateNanoseconds(network, hasDotProducts: true);

        // Null where no layer suits the method.
        public CompressedNetwork? Make(string method)
        {
            try
            {
                return Compressor.Apply(_subject.Baseline, new Recipe([new Step(method, ["*"], ImmutableSortedDictionary<string, string>.Empty)]), _calibrator);
            }
            catch (RecipeNotApplicableException)
            {
                return null;
            }
        }

        public void Dispose() => _subject.Data.Dispose();
    }
}
