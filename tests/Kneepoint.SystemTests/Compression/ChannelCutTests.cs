using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Compression;

/// <summary>One network for each way in which layers can be joined: without some channels it computes what it computes with them set to 0.</summary>
public sealed class ChannelCutTests
{
    const double LargestError = 1e-4;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string, string> Motifs() => new()
    {
        // Which layers go together, those joined by + in one group; what is not named stays.
        { "chain", "a b" },
        { "residual", "a+c b" },
        { "concat", "a b c" },
        { "split", "a b c" },
        { "split in two equal parts, old form", "a b c" },
        { "slice", "a b" },
        { "grouped", "a b" },
        { "depthwise", "a+b c" },
        { "depthwise with two outputs for each input", "a+b c" },
        { "transposed", "a b c" },
        { "flatten", "a g" },
        { "reshape with sizes", "a g" },
        { "reshape by sizes put together", "a g" },
        { "shuffle", "a+b c" },
        { "attention", "q+k v1 v u" },
        { "attention of one product", "q u" },
        { "shared weights", "a+b c" },
        { "branches that rejoin", "a b+c d" },
        { "squeeze and excitation", "a+e d c" },
        { "padded shortcut", "a+c b" },
        { "normalization of channels", "a b" },
        { "norm of all", "b" },
        { "transposed matrices", "a b" },
        { "resize", "a b" },
        { "output of the network", "b" },
    };

    [Theory]
    [MemberData(nameof(Motifs))]
    public void Cut_network_computes_what_it_computes_with_those_channels_at_0(string motif, string groups)
    {
        var (model, inputs) = JoinedLayers.Network(motif);
        var rewrite = new NetworkRewrite(model);
        var graph = ChannelGraph.Of(rewrite);
        if (motif is not ("attention" or "attention of one product"))
        {
            Assert.Equal(groups.Split(' ').Order(), graph.Groups.Select(group => string.Join('+', group.Layers.Select(layer => layer.Id))).Order());
        }

        var removed = new HashSet<int>();
        foreach (var group in graph.Groups) removed.UnionWith(group.Classes.Where((_, i) => i % 3 == 1).Take(Math.Max(1, group.Classes.Count / 3)));
        Assert.NotEmpty(removed);
        var zeroed = WithZeros(model, graph, removed);
        using var before = Runtime.Open(zeroed, new SessionSettings());
        var expected = before.Run(inputs);

        ChannelCut.Apply(rewrite, graph.Tracker, removed);

        GraphOrder.Sort(rewrite.Graph);
        using var after = Runtime.Open(rewrite.Model, new SessionSettings());
        var actual = after.Run(inputs);
        Assert.True(TotalWeights(rewrite.Model) < TotalWeights(model));
        foreach (var (name, tensor) in expected)
        {
            float[] wanted = tensor.Values<float>().ToArray(), found = actual[name].Values<float>().ToArray();
            Assert.Equal(tensor.Dimensions, actual[name].Dimensions);
            Assert.Contains(wanted, value => value != 0);
            for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], found[i], LargestError * (1 + Math.Abs(wanted[i])));
        }
    }

    [Theory]
    [MemberData(nameof(Motifs))]
    public void Cut_network_has_the_multiply_accumulates_that_were_predicted(string motif, string groups)
    {
        _ = groups;
        var (model, inputs) = JoinedLayers.Network(motif);
        var rewrite = new NetworkRewrite(model);
        var graph = ChannelGraph.Of(rewrite);
        var plan = new CutPlan(graph, 1);
        var orders = graph.Groups.Select(group => RemovalOrder.Of(graph, group, [], ChannelImportance.Magnitude)).ToArray();
        double before = plan.Macs;

        plan.CutGroups(orders, 0.4);
        ChannelCut.Apply(rewrite, graph.Tracker, plan.Removed);

        Assert.Equal(MacsOf(model), before);
        Assert.InRange(plan.Macs, 0, before - 1);
        Assert.Equal(MacsOf(rewrite.Model), plan.Macs, 1e-6);
        GraphOrder.Sort(rewrite.Graph);
        using var session = Runtime.Open(rewrite.Model, new SessionSettings());
        session.Run(inputs);
    }

    [Fact]
    public void Heads_of_attention_go_as_a_whole()
    {
        var (model, _) = JoinedLayers.Network("attention");
        var graph = ChannelGraph.Of(new NetworkRewrite(model));

        var heads = Assert.Single(graph.Groups, group => group.Layers.Any(layer => layer.Id == "q"));

        Assert.Equal(["q", "k", "v"], heads.Layers.Select(layer => layer.Id));
        Assert.Equal((4, 8), (heads.Classes.Count, heads.Width));
    }

    [Fact]
    public void What_stays_is_named_with_the_reason()
    {
        var (model, _) = JoinedLayers.Network("output of the network");
        var graph = ChannelGraph.Of(new NetworkRewrite(model));

        Assert.Contains("reach the network's output", graph.WhyKept(graph.Layers.Single(layer => layer.Id == "a")), StringComparison.Ordinal);
    }

    // The rows and biases that make the channels are set to 0; every network here gives 0 for them everywhere on the way.
    static OnnxModel WithZeros(OnnxModel model, ChannelGraph graph, HashSet<int> removed)
    {
        var zeroed = model.Clone();
        foreach (var layer in graph.Layers)
        {
            if (graph.OutputsOf(layer) is not { } outputs) continue;
            int[] channels = [.. Enumerable.Range(0, outputs.Length).Where(c => removed.Contains(outputs[c]))];
            Clear(zeroed, layer.WeightName, layer.OutputAxis, channels);
            if (layer.BiasName is { } bias) Clear(zeroed, bias, 0, channels);
            if (layer.Id is "q" or "k" or "v") Clear(zeroed, $"b_{layer.Id}", 0, channels);
        }

        return zeroed;
    }

    static void Clear(OnnxModel model, string name, int axis, int[] channels)
    {
        var proto = model.Graph.Initializer.Single(initializer => initializer.Name == name);
        float[] values = TensorData.ReadFloat32(proto, model);
        int inner = (int)proto.Dims.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        int size = (int)proto.Dims[axis];
        for (int i = 0; i < values.Length; i++)
        {
            if (channels.Contains(i / inner % size)) values[i] = 0;
        }

        model.Graph.Initializer[model.Graph.Initializer.IndexOf(proto)] = TensorData.Write(name, Tensor.Of([.. proto.Dims], values));
    }

    static long TotalWeights(OnnxModel model) => model.Graph.Node.SelectMany(node => node.Input).Distinct()
        .Select(name => model.Graph.Initializer.FirstOrDefault(initializer => initializer.Name == name)).OfType<TensorProto>().Sum(TensorData.Count);

    static double MacsOf(OnnxModel model) => NetworkCost.Of(model, ShapeInference.Infer(model, new InputShapes())).Macs;
}
