using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

public sealed class OptimizeTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Theory]
    [InlineData("kws", "dscnn_kws_ref_bn.onnx")]
    [InlineData("cifar10", "resnet20_ft.onnx")]
    [InlineData("imagenet", "mobilenet_v1_0.75_224.onnx")]
    [InlineData("clinc150", "clinc_transformer.onnx")]
    [InlineData("char-lstm", "char_lstm_shakespeare_t100.onnx")]
    public void Optimized_graph_holds_its_weights_and_computes_the_same(string name, string file)
    {
        string path = Path.Combine(Repository.Case(name), file);
        using var session = Runtime.Open(path, new SessionSettings());
        var inputs = Zeros(session);

        var optimized = Runtime.Optimize(path, new SessionSettings());

        Assert.False(optimized.HasExternalData);
        using var again = Runtime.Open(optimized, new SessionSettings { Optimization = GraphOptimization.None });
        foreach (var (output, tensor) in session.Run(inputs))
        {
            Assert.True(tensor.Bytes.Span.SequenceEqual(again.Run(inputs)[output].Bytes.Span), $"Output '{output}' differs.");
        }
    }

    [Fact]
    public void Weights_beside_the_model_are_found_from_its_path_and_from_memory()
    {
        string path = Path.Combine(Repository.Case("fashion"), "fashion_cnn.onnx");
        using var folder = new TemporaryFolder();
        string beside = folder.File("beside.onnx");
        OnnxModel.Load(path).Save(beside, external: true);
        var model = OnnxModel.Load(beside);
        Assert.True(model.HasExternalData);
        using var expected = Runtime.Open(path, new SessionSettings());
        using var fromPath = Runtime.Open(beside, new SessionSettings());
        using var fromMemory = Runtime.Open(model, new SessionSettings());
        using var optimized = Runtime.Open(Runtime.Optimize(beside, new SessionSettings()), new SessionSettings { Optimization = GraphOptimization.None });
        var inputs = Zeros(expected);
        byte[] bytes = expected.Run(inputs)["logits"].Bytes.ToArray();

        Assert.Equal(bytes, fromPath.Run(inputs)["logits"].Bytes.ToArray());
        Assert.Equal(bytes, fromMemory.Run(inputs)["logits"].Bytes.ToArray());
        Assert.Equal(bytes, optimized.Run(inputs)["logits"].Bytes.ToArray());
    }

    [Fact]
    public void Several_threads_may_use_one_runtime()
    {
        string path = Path.Combine(Repository.Case("kws"), "dscnn_kws_ref.onnx");
        using var first = Runtime.Open(path, new SessionSettings());
        var inputs = Zeros(first);
        byte[] expected = first.Run(inputs)["logits"].Bytes.ToArray();
        byte[][] found = new byte[8][];

        Parallel.For(0, found.Length, i =>
        {
            using var session = Runtime.Open(path, new SessionSettings());
            found[i] = session.Run(inputs)["logits"].Bytes.ToArray();
            Runtime.Optimize(path, new SessionSettings());
        });

        Assert.All(found, bytes => Assert.Equal(expected, bytes));
    }

    [Fact]
    public void Folder_of_a_killed_process_is_removed_and_others_stay()
    {
        const int NoProcess = int.MaxValue;
        using var parent = new TemporaryFolder();
        string orphan = Directory.CreateDirectory(parent.File($"kneepoint-{NoProcess}-abc")).FullName;
        string living = Directory.CreateDirectory(parent.File($"kneepoint-{Environment.ProcessId}-abc")).FullName;
        string foreign = Directory.CreateDirectory(parent.File("kneepoint-of-the-user")).FullName;
        File.WriteAllText(Path.Combine(orphan, "optimized.onnx"), "");

        Kneepoint.OnnxRuntime.TemporaryFolder.RemoveOrphans(parent.Path);

        Assert.False(Directory.Exists(orphan));
        Assert.True(Directory.Exists(living));
        Assert.True(Directory.Exists(foreign));
    }
}
