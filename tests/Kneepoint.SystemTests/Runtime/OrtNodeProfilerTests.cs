using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Studies;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

public sealed class OrtNodeProfilerTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Fact]
    public void Every_layer_of_a_real_network_has_a_time_and_the_parts_sum_to_the_whole()
    {
        var (file, model, inputs) = Keywords();
        var layers = Compressor.LayersOf(model);
        var network = Compressor.Apply(model, Recipe.Baseline);

        var profile = new OrtNodeProfiler(Runtime, threads: 1).Profile([file], inputs, TestContext.Current.CancellationToken).Single();
        var times = LayerTimes.Of(profile, [.. layers.Select(layer => (layer.Id, network.Values[layer.Id]))]);

        Assert.All(times.Layers, layer => Assert.True(layer.OwnMicroseconds > 0 && layer.Operator.Length > 0, $"{layer}"));
        Assert.Equal(profile.Microseconds, times.Layers.Sum(layer => layer.Microseconds) + times.RemainderMicroseconds, 1e-6);
        Assert.Equal(0, times.RemainderMicroseconds);
    }

    [Theory]
    [InlineData("static-int8", "com.microsoft.QLinearConv")]
    [InlineData("weight-int8", "com.microsoft.nchwc.Conv")]
    public void Layers_of_a_variant_are_found_under_the_names_that_its_file_has(string method, string kernel)
    {
        var (_, model, inputs) = Keywords();
        var layers = Compressor.LayersOf(model).Where(layer => layer.OpType == "Conv").ToArray();
        ImmutableArray<string> treated = [.. layers.Take(4).Select(layer => layer.Id)];
        var network = Compressor.Apply(model, new Recipe([new Step(method, treated, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))]), Calibration());
        using var folder = new SystemTests.TemporaryFolder();
        string file = folder.File("variant.onnx");
        network.Model.Save(file);

        var profile = new OrtNodeProfiler(Runtime, threads: 1) { Visits = 2 }.Profile([file], inputs, TestContext.Current.CancellationToken).Single();
        var times = LayerTimes.Of(profile, [.. layers.Select(layer => (layer.Id, network.Values[layer.Id]))]);

        Assert.All(times.Layers.Take(4), layer => Assert.EndsWith(kernel, $"{layer.Operator}", StringComparison.Ordinal));
        Assert.All(times.Layers.Skip(4), layer => Assert.Equal("com.microsoft.nchwc.Conv", layer.Operator));
    }

    [Fact]
    public void Networks_are_profiled_in_turn_and_leave_no_files()
    {
        var (file, _, inputs) = Keywords();

        var profiles = new OrtNodeProfiler(Runtime, threads: 2) { Visits = 1 }.Profile([file, file], inputs, TestContext.Current.CancellationToken);

        Assert.Equal(2, profiles.Length);
        Assert.All(profiles, profile => Assert.True(profile.RunMicroseconds > 0));
        Assert.Equal(profiles[0].Nodes.Select(node => node.Node.OpType), profiles[1].Nodes.Select(node => node.Node.OpType));

        // Beside the folders of other tests of this process.
        using var folder = OnnxRuntime.TemporaryFolder.Create();
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(folder.Path)!, "notes*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }));
    }

    [Fact]
    public void Time_of_a_subgraph_is_that_of_the_node_around_it()
    {
        string[] names = ["If_0", "Add_0"];
        string[] lines =
        [
            "[", Event("Add_inside_kernel_time", 40), Event("If_0_kernel_time", 50), Event("Add_0_kernel_time", 3), Event("model_run", 70),
            Event("If_0_kernel_time", 52), Event("Add_0_kernel_time", 3), Event("model_run", 70), "]",
        ];

        Assert.Equal([51.5, 3.5], ProfiledRuns.Read(lines, names, _ => true, 2));
        Assert.Equal([52.5, 3.5], ProfiledRuns.Read(lines, names, _ => true, 1));
    }

    [Fact]
    public void Nodes_of_one_name_are_told_apart_by_their_order()
    {
        string[] run = [Event("Reorder_kernel_time", 1), Event("Conv_kernel_time", 20), Event("Reorder_kernel_time", 5), Event("model_run", 30)];

        Assert.Equal([1.5, 20.5, 5.5], ProfiledRuns.Read([.. run, .. run], ["Reorder", "Conv", "Reorder"], _ => true, 2));
    }

    [Fact]
    public void Quarter_of_the_runs_at_each_end_does_not_count()
    {
        var lines = new[] { 4, 4, 5, 4, 5, 5, 1, 900 }.SelectMany(microseconds => new[] { Event("a_kernel_time", microseconds), Event("model_run", 1000) });

        Assert.Equal([4.5 + 0.5], ProfiledRuns.Read(lines, ["a"], _ => true, 8));
    }

    [Theory]
    [InlineData("{\"name\" : \"a_kernel_time\"},")]
    [InlineData("{\"name\" : \"a\"b\", \"dur\" : 3},")]
    [InlineData("{\"name\" : \"a\", \"dur\" : \"3\"},")]
    [InlineData("[]]")]
    public void Note_that_is_no_event_is_refused(string line) =>
        Assert.StartsWith("The runtime's notes of the times cannot be read", Assert.Throws<OnnxModelException>(() => ProfiledRuns.Read([line], ["a"], _ => true, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fewer_runs_than_were_made_are_refused() =>
        Assert.Equal("The runtime noted 1 runs of the network; 2 were expected.",
            Assert.Throws<OnnxModelException>(() => ProfiledRuns.Read([Event("model_run", 5)], ["a"], _ => true, 2)).Message);

    [Fact]
    public void Model_that_the_runtime_refuses_is_named()
    {
        using var folder = new SystemTests.TemporaryFolder();
        string file = folder.File("broken.onnx");
        Model([Value("x", ElementType.Float32, 1, 4)], ["y"], Node("NoSuchOperator", ["x"], ["y"])).Save(file);

        var exception = Assert.Throws<OnnxModelException>(() => new OrtNodeProfiler(Runtime, threads: 1).Profile([file], new Dictionary<string, Tensor>(), CancellationToken.None));

        Assert.StartsWith($"'{file}' is refused", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Profiles_of_methods_and_mixtures_make_a_model()
    {
        var (file, model, inputs) = Keywords();
        var calibration = Calibration();
        var layers = Compressor.LayersOf(model);
        LayerMethod int8 = new("static-int8"), weights = new("weight-int8");
        var table = ChoiceTable.Of([.. layers.Select(layer => layer.Id)], layers.SelectMany(layer => new[] { LayerMethod.Keep, int8, weights }.Select(method => new LayerChoice(layer.Id, method, 1, 1, 0))));
        using var folder = new SystemTests.TemporaryFolder();
        var subject = new ProfilingSubject(model, file, inputs, new OrtNodeProfiler(Runtime, threads: 1) { Visits = 3 });

        var profiles = LatencyProfiles.Of(table, subject, Make, mixtures: 2, seed: 1, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(1 + 2 + 2, profiles.Observations.Length);
        Assert.All(profiles.Layout.Kernels[..^1], kernels => Assert.Equal(["com.microsoft.nchwc.Conv", "com.microsoft.QLinearConv", "com.microsoft.nchwc.Conv"], kernels));
        Assert.Contains((0, 1), profiles.Layout.Neighbors);
        var (mean, deviation) = LatencyModel.Of(profiles.Layout, profiles.Observations).Predict(table.Uniform(int8)!.Value);
        Assert.True(mean > 0 && deviation > 0);

        (string, CompressedNetwork) Make(Recipe recipe)
        {
            var network = Compressor.Apply(model, recipe, calibration);
            string made = folder.File("made.onnx");
            network.Model.Save(made);
            return (made, network);
        }
    }

    static string Event(string name, int microseconds) => $$"""{"cat" : "Node","pid" :1,"tid" :1,"dur" :{{microseconds}},"ts" :3,"ph" : "X","name" :"{{name}}","args" : {} },""";

    static (string File, OnnxModel Model, IReadOnlyDictionary<string, Tensor> Inputs) Keywords()
    {
        string file = Path.Combine(Repository.Case("kws"), "dscnn_kws_ref.onnx");
        using var session = Runtime.Open(file, new SessionSettings());
        using var data = Samples(session);
        return (file, OnnxModel.Load(file), LatencyInputs.Of(session, data, 1));
    }

    static ICalibrator Calibration()
    {
        string file = Path.Combine(Repository.Case("kws"), "dscnn_kws_ref.onnx");
        using var session = Runtime.Open(file, new SessionSettings());
        var subject = new Subject(OnnxModel.Load(file), file, Samples(session), new TopK(1, session.Outputs[0].Name), Runtime);
        return new StudyCalibration(subject, new ExplorationSettings { RangeSamples = 8 }).With(_ => { }, CancellationToken.None);
    }

    static IDataset Samples(OrtSession session) =>
        DatasetFile.Open(Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", "kws.yaml"), session.Inputs, session.Outputs, new SkiaImageDecoder(), 1);
}
