using Kneepoint.Calibration;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Calibration;

public sealed class ActivationCollectorTests
{
    const int Width = 4;
    readonly ElementwiseRuntime _runtime = new();

    // x → a = relu(x) → b = 3a → c = −b; i = argmax(b) is no number of floating point.
    static OnnxModel Chain(long batch = -1) => TestModel.Of(17, [TestModel.Float("x", batch, Width)], [TestModel.Float("c", batch, Width)],
        [TensorData.Write("three", Tensor.Of([], [3f])), TestModel.Weight("unused", 2, 2)],
        TestModel.Node("Relu", "x", "a"), TestModel.Node("Mul", "a three", "b"), TestModel.Node("Neg", "b", "c"), TestModel.Node("ArgMax", "b", "i"));

    static List<SampleBatch> Batches(params int[] counts)
    {
        var batches = new List<SampleBatch>();
        int next = 0;
        foreach (int count in counts)
        {
            float[] values = [.. Enumerable.Range(next * Width, count * Width).Select(i => (float)Math.Sin(i))];
            batches.Add(new SampleBatch(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([count, Width], values) }, null, count));
            next += count;
        }

        return batches;
    }

    ActivationStatistics Collect(OnnxModel model, IEnumerable<SampleBatch> batches, CollectionSettings? settings, params string[] values) =>
        ActivationCollector.Collect(_runtime, model, batches, values, settings, null, TestContext.Current.CancellationToken);

    [Fact]
    public void Every_value_of_every_sample_is_counted_once()
    {
        var statistics = Collect(Chain(), Batches(5, 5, 2), null, "x", "a", "b", "c");

        Assert.Equal(12, statistics.SampleCount);
        Assert.Equal(["a", "b", "c", "x"], statistics.ValueNames);
        Assert.All(statistics.ValueNames, name => Assert.Equal(12 * Width, statistics.Histogram(name).Count));
        float[] x = [.. Enumerable.Range(0, 12 * Width).Select(i => (float)Math.Sin(i))];
        Assert.Equal(x.Min(), statistics.Histogram("x").Minimum);
        Assert.Equal(3 * x.Max(), statistics.Histogram("b").Maximum);
        Assert.Equal(-3 * x.Max(), statistics.Histogram("c").Minimum);
        Assert.Empty(statistics.NotCollected);
    }

    [Fact]
    public void Batches_pieces_passes_and_threads_change_nothing()
    {
        string[] values = ["x", "a", "b", "c"];
        byte[] whole = Collect(Chain(), Batches(12), null, values).ToBytes();

        Assert.Equal(whole, Collect(Chain(), Batches(1, 7, 4), null, values).ToBytes());
        // Two samples of the three values made, then less than one value of one sample, in a run.
        Assert.Equal(whole, Collect(Chain(), Batches(12), new CollectionSettings { RunBytes = 2 * 3 * Width * sizeof(float) }, values).ToBytes());
        Assert.Equal(whole, Collect(Chain(), Batches(12), new CollectionSettings { RunBytes = 1 }, values).ToBytes());
        Assert.Equal(whole, Collect(Chain(), Batches(12), new CollectionSettings { Threads = 3 }, values).ToBytes());
    }

    [Fact]
    public void A_run_gives_out_no_more_than_allowed()
    {
        const int OneValue = Width * sizeof(float);
        Collect(Chain(), Batches(12), new CollectionSettings { RunBytes = 2 * OneValue }, "a", "b", "c");

        // Two values of one sample fit: a and b in the first pass, c in the second, two samples of it at a time.
        Assert.Equal(["a,b,c", "a,b", "c"], _runtime.Sessions);
        Assert.Equal(2 * OneValue, _runtime.MostBytes);
        Assert.Equal([.. Enumerable.Repeat(1L, 12), .. Enumerable.Repeat(2L, 6)], _runtime.Runs);
    }

    [Fact]
    public void A_value_larger_than_allowed_is_taken_alone_one_sample_at_a_time()
    {
        Collect(Chain(), Batches(3), new CollectionSettings { RunBytes = 1 }, "a", "b");

        Assert.Equal(["a,b", "a", "b"], _runtime.Sessions);
        Assert.Equal([1, 1, 1, 1, 1, 1], _runtime.Runs);
    }

    [Fact]
    public void A_batch_fixed_in_the_graph_is_never_cut()
    {
        var statistics = Collect(Chain(batch: 3), Batches(3, 3), new CollectionSettings { RunBytes = 1 }, "a", "b");

        Assert.Equal(6 * Width, statistics.Histogram("b").Count);
        Assert.Equal([3, 3, 3, 3], _runtime.Runs);
    }

    [Fact]
    public void Values_without_statistics_have_their_reason()
    {
        _runtime.Refused.Add("b");
        var statistics = Collect(Chain(), Batches(2), null, "a", "b", "c", "i", "three", "nowhere");

        Assert.Equal(["a", "c"], statistics.ValueNames);
        var reasons = statistics.NotCollected.ToDictionary(value => value.Name, value => value.Reason);
        Assert.Equal(["b", "i", "nowhere", "three"], statistics.NotCollected.Select(value => value.Name));
        Assert.Equal("The runtime does not give it out: The runtime refuses 'b'.", reasons["b"]);
        Assert.Equal("It holds Int64, not numbers of floating point.", reasons["i"]);
        Assert.Equal("The network has no value of that name.", reasons["nowhere"]);
        Assert.Equal("It is a fixed tensor, not an activation.", reasons["three"]);
    }

    [Fact]
    public void A_network_that_the_runtime_refuses_altogether_is_an_error()
    {
        _runtime.Refused.UnionWith(["a", "c"]);
        Assert.Equal("The runtime refuses 'c'.", Assert.Throws<OnnxModelException>(() => Collect(Chain(), Batches(2), null, "a")).Message);
    }

    [Fact]
    public void No_samples_and_no_values_give_empty_statistics()
    {
        Assert.Equal(0, Collect(Chain(), [], null, "a").SampleCount);
        Assert.Empty(Collect(Chain(), Batches(3), null).ValueNames);
    }

    [Fact]
    public void Progress_counts_samples_within_each_pass()
    {
        var seen = new List<CollectionProgress>();
        ActivationCollector.Collect(_runtime, Chain(), Batches(3, 2), ["a", "b"], new CollectionSettings { RunBytes = 1 }, seen.Add, TestContext.Current.CancellationToken);

        Assert.Equal([new(1, 2, 3), new(1, 2, 5), new(2, 2, 3), new(2, 2, 5)], seen);
    }

    [Fact]
    public void Cancellation_ends_the_collection()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ActivationCollector.Collect(_runtime, Chain(), Batches(2, 2, 2), ["a"], null, _ => source.Cancel(), source.Token));
    }

    [Fact]
    public void An_exposed_graph_keeps_only_what_its_values_need()
    {
        var exposed = ExposedGraph.Of(Chain(), ["b"]);

        Assert.Equal(["b"], exposed.Graph.Output.Select(output => output.Name));
        Assert.Equal(["Relu", "Mul"], exposed.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["three"], exposed.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Equal(["x"], exposed.Graph.Input.Select(input => input.Name));
    }

    [Fact]
    public void An_initializer_that_is_an_input_as_well_leaves_with_its_tensor()
    {
        var model = Chain();
        model.Graph.Input.Add(TestModel.Float("unused", 2, 2));
        model.Graph.Input.Add(TestModel.Float("three"));

        Assert.Equal(["x", "three"], ExposedGraph.Of(model, ["b"]).Graph.Input.Select(input => input.Name));
        Assert.Equal(["x"], ExposedGraph.Of(model, ["a"]).Graph.Input.Select(input => input.Name));
    }

    [Fact]
    public void Exposing_leaves_the_model_as_it_was()
    {
        var model = Chain();
        byte[] before = Google.Protobuf.MessageExtensions.ToByteArray(model.Proto);
        ExposedGraph.Of(model, ["a"]);
        ExposedGraph.Sizes(model, ["a", "b"]);

        Assert.Equal(before, Google.Protobuf.MessageExtensions.ToByteArray(model.Proto));
    }

    [Fact]
    public void Sizes_are_counts_in_the_order_of_the_values()
    {
        var sizes = ExposedGraph.Sizes(Chain(), ["b", "a"]);
        using var session = _runtime.Open(sizes, new SessionSettings());
        var counts = session.Run(Batches(3)[0].Inputs);

        Assert.Equal(2, session.Outputs.Count);
        Assert.All(session.Outputs, output => Assert.Equal(3 * Width, counts[output.Name].Values<long>()[0]));
        Assert.StartsWith("b_", session.Outputs[0].Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 3, "3,3,1")]
    [InlineData(6, 3, "3,3")]
    [InlineData(3, 3, "3")]
    [InlineData(2, 9, "2")]
    [InlineData(3, 1, "1,1,1")]
    public void Pieces_are_the_batch_in_order_without_a_copy(int count, int rows, string expected)
    {
        var batch = Batches(count)[0];
        var pieces = BatchPieces.Cut(batch, rows).ToList();

        Assert.Equal(expected, string.Join(',', pieces.Select(piece => piece.Count)));
        Assert.Equal(batch.Inputs["x"].Values<float>().ToArray(), pieces.SelectMany(piece => piece.Inputs["x"].Values<float>().ToArray()));
        Assert.All(pieces, piece => Assert.Equal([piece.Count, Width], piece.Inputs["x"].Dimensions));
        Assert.True(pieces[0].Inputs["x"].Bytes.Span.Overlaps(batch.Inputs["x"].Bytes.Span));
    }

    [Fact]
    public void Only_batches_along_a_free_first_dimension_are_cut()
    {
        var batch = Batches(4)[0];
        ValueSignature Input(ElementType type, params long[] dimensions) => new("x", type, dimensions);

        Assert.True(BatchPieces.CanCut(batch, [Input(ElementType.Float32, -1, Width)]));
        Assert.False(BatchPieces.CanCut(batch, [Input(ElementType.Float32, 4, Width)]));
        Assert.False(BatchPieces.CanCut(batch, [Input(ElementType.Float32)]));
        Assert.False(BatchPieces.CanCut(batch, [new ValueSignature("other", ElementType.Float32, [-1, Width])]));
        Assert.False(BatchPieces.CanCut(batch with { Count = 2 }, [Input(ElementType.Float32, -1, Width)]));
    }
}
