using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Onnx;

/// <summary>Inferred shapes against those that the runtime makes, and counts against what is published of these networks.</summary>
public sealed class ShapesOfRealNetworksTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    // Parameters without shape constants; multiply-accumulates by hand or by the networks' papers.
    [Theory]
    [InlineData("adult/adult_mlp.onnx", 22_000)]
    [InlineData("kws/dscnn_kws_ref.onnx", 2_656_768)]
    [InlineData("kws/dscnn_kws_ref_bn.onnx", 2_656_768)]
    [InlineData("cifar10/resnet20_ft.onnx", 40_551_808)]
    [InlineData("cifar10/resnet20_ft_bn.onnx", 40_551_808)]
    [InlineData("fashion/fashion_cnn.onnx", 0)]
    [InlineData("imagenet/mobilenet_v1_0.75_224.onnx", 325_000_000)]
    [InlineData("imagenet/squeezenet1.1_227.onnx", 388_000_000)]
    [InlineData("clinc150/clinc_transformer.onnx", 0)]
    [InlineData("char-lstm/char_lstm_shakespeare_t100.onnx", 27_000_000)]
    [InlineData("odd/ultraface_rfb320.onnx", 0)]
    public void Rules_give_every_shape_that_the_runtime_makes(string file, long macs)
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case(Path.GetDirectoryName(file)!), Path.GetFileName(file)));
        var feeds = Feeds(model);

        var shapes = ShapeInference.Infer(model, new InputShapes { Inputs = feeds.Shapes });

        Assert.Empty(shapes.UnknownValues);
        foreach (var (name, tensor) in Values(model, feeds.Tensors)) Assert.Equal(new ValueShape(tensor.ElementType, [.. tensor.Dimensions]), shapes[name]);
        var cost = NetworkCost.Of(model, shapes);
        Assert.Empty(cost.Uncounted);
        if (macs > 0) Assert.InRange(cost.Macs, macs * 0.995, macs * 1.005);
    }

    [Fact]
    public void A_network_whose_input_decides_its_way_is_completed_by_running_it()
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Case("odd"), "silero_vad.onnx"));
        var feeds = new Dictionary<string, Tensor>
        {
            ["input"] = Tensor.Of([1, 512], new float[512]),
            ["state"] = Tensor.Of([2, 1, 128], new float[256]),
            ["sr"] = Tensor.Of([], [16_000L]),
        };

        var shapes = ShapeCompletion.Infer(Runtime, model, feeds);
        var cost = NetworkCost.Of(model, shapes);

        Assert.All(model.Graph.Output, output => Assert.NotNull(shapes[output.Name]));
        Assert.Empty(cost.Uncounted);
        Assert.InRange(cost.Macs, 100_000, 10_000_000);
    }

    static (System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<long>> Shapes, Dictionary<string, Tensor> Tensors) Feeds(OnnxModel model)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var input in new GraphIndex(model).FedInputs)
        {
            var type = (ElementType)input.Type.TensorType.ElemType;
            long[] dims = new InputShapes().Resolve(input)!;
            tensors.Add(input.Name, new Tensor(type, dims, new byte[Tensor.ByteCount(type, dims)]));
        }

        return (System.Collections.Immutable.ImmutableDictionary.CreateRange(tensors.Select(feed =>
            KeyValuePair.Create(feed.Key, System.Collections.Immutable.ImmutableArray.CreateRange(feed.Value.Dimensions)))), tensors);
    }

    static IReadOnlyDictionary<string, Tensor> Values(OnnxModel model, Dictionary<string, Tensor> feeds)
    {
        var exposed = model.Clone();
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.AddRange(model.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0).Select(name => new ValueInfoProto { Name = name }));
        using var session = Runtime.Open(exposed, new SessionSettings { Optimization = GraphOptimization.None });
        return session.Run(feeds);
    }
}
