using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

public sealed class OrtRuntimeTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly SessionSettings OneThread = new();

    public static TheoryData<string> Networks => new(
        "kws/dscnn_kws_ref.onnx", "kws/dscnn_kws_ref_bn.onnx", "cifar10/resnet20_ft.onnx", "cifar10/resnet20_ft_bn.onnx",
        "fashion/fashion_cnn.onnx", "imagenet/mobilenet_v1_0.75_224.onnx", "imagenet/squeezenet1.1_227.onnx",
        "clinc150/clinc_transformer.onnx", "char-lstm/char_lstm_shakespeare_t100.onnx", "adult/adult_mlp.onnx", "odd/ultraface_rfb320.onnx");

    [Theory]
    [MemberData(nameof(Networks))]
    public void Real_network_runs_alike_from_its_path_from_memory_and_prepared(string network)
    {
        string file = CaseFile(network);
        using var session = Runtime.Open(file, OneThread);
        var inputs = Zeros(session);

        var outputs = session.Run(inputs);

        Assert.Equal(session.Outputs.Select(output => output.Name), outputs.Keys);
        using var fromMemory = Runtime.Open(OnnxModel.Load(file), OneThread);
        AssertSame(outputs, fromMemory.Run(inputs));
        using var prepared = session.Prepare(inputs);
        prepared.Run();
        AssertSame(outputs, prepared.ReadOutputs());
        Assert.True(prepared.HasFixedOutputs);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Outputs_are_the_same_in_every_run_and_nearly_so_for_every_thread_count(string network)
    {
        string file = CaseFile(network);
        using var one = Runtime.Open(file, OneThread);
        using var shared = Runtime.Open(file, new SessionSettings { Threads = 2 });
        using var own = Runtime.Open(file, new SessionSettings { Threads = 3 });
        var inputs = Zeros(one);

        var expected = one.Run(inputs);
        var atTwo = shared.Run(inputs);

        AssertSame(expected, one.Run(inputs));
        AssertSame(atTwo, shared.Run(inputs));
        AssertClose(expected, atTwo);
        AssertClose(expected, own.Run(inputs));
    }

    [Fact]
    public void Network_with_branches_and_state_runs()
    {
        using var session = Runtime.Open(CaseFile("odd/silero_vad.onnx"), OneThread);
        var inputs = new Dictionary<string, Tensor>
        {
            ["input"] = Tensor.Of([1, 576], new float[576]),
            ["state"] = Tensor.Of([2, 1, 128], new float[256]),
            ["sr"] = Tensor.Of([], new long[] { 16000 }),
        };

        var outputs = session.Run(inputs);

        Assert.Equal([1, 1], outputs["output"].Dimensions);
        using var prepared = session.Prepare(inputs);
        prepared.Run();
        AssertSame(outputs, prepared.ReadOutputs());
    }

    [Fact]
    public void Operators_from_elsewhere_are_refused_by_name()
    {
        string file = CaseFile("odd/superresolution_custom_ops.onnx");

        var refusal = Assert.Throws<OnnxModelException>(() => Runtime.Open(file, OneThread));

        Assert.Equal($"'{file}' is refused: operator 'DecodeImage' of domain 'com.microsoft.extensions' is not known to {Runtime.Name}.", refusal.Message);
    }

    [Fact]
    public void Prepared_run_allocates_nothing()
    {
        using var session = Runtime.Open(Perceptron(), OneThread);
        using var prepared = session.Prepare(Zeros(session));
        prepared.Run();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) prepared.Run();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    static OnnxModel Perceptron()
    {
        const int width = 64;
        var model = Model([Value("x", ElementType.Float32, -1, width)], ["y"],
            Node("MatMul", ["x", "w"], ["h"]), Node("Relu", ["h"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [width, width], Numbers(width * width, seed: 1)));
        return model;
    }

    static string CaseFile(string network)
    {
        string[] parts = network.Split('/');
        return Path.Combine(Repository.Case(parts[0]), parts[1]);
    }

    static void AssertSame(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.ElementType, actual[name].ElementType);
            Assert.Equal(tensor.Dimensions, actual[name].Dimensions);
            Assert.True(tensor.Bytes.Span.SequenceEqual(actual[name].Bytes.Span), $"Output '{name}' differs.");
        }
    }

    // Work split among threads moves the places where vector loops end, and the scalar rest rounds otherwise: a few units in the last place.
    static void AssertClose(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        const float Tolerance = 1e-5f;
        foreach (var (name, tensor) in expected)
        {
            var (left, right) = (tensor.Values<float>().ToArray(), actual[name].Values<float>().ToArray());
            Assert.All(left.Zip(right), pair => Assert.InRange(pair.Second, pair.First - Tolerance, pair.First + Tolerance));
        }
    }
}
