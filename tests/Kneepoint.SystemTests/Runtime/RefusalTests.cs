using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

/// <summary>What cannot be run is refused in one sentence.</summary>
public sealed class RefusalTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly SessionSettings Settings = new();

    public static TheoryData<string, string> Models => new()
    {
        { "unknown operator", $"The model is refused: node 'Foo_y': operator 'Foo' of domain 'ai.onnx' is not known to {Runtime.Name} at opset 17." },
        { "unknown domain", $"The model is refused: operator 'Foo' of domain 'my.domain' is not known to {Runtime.Name}." },
        { "domain not imported", "The model is refused: node 'Foo_y': operator 'Foo' is of domain 'my.domain', which the model does not import." },
        { "opset of tomorrow", $"The model is refused: it uses opset 27 of domain 'ai.onnx', {Runtime.Name} knows up to 26." },
        { "format of tomorrow", $"The model is refused: its IR version is 99, {Runtime.Name} knows up to 13." },
        { "missing weight", "The model is refused: Invalid model. Node input 'w' is not a graph input, initializer, or output of a previous node." },
        { "missing output", "The model is refused: Graph output (z) does not exist in the graph." },
        { "shapes", "The model is refused: node 'MatMul_y' (MatMul): Incompatible dimensions for matrix multiplication." },
        { "sequence", "The model is refused: Output 'y' is a sequence, only dense tensors can be fed and read." },
        { "circle", "The model is refused: Error: the graph is not acyclic." },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Model_that_cannot_be_loaded(string fault, string sentence)
    {
        var refusal = Assert.Throws<OnnxModelException>(() => Runtime.Open(Faulty(fault), Settings));

        Assert.Equal(sentence, refusal.Message);
    }

    [Fact]
    public void File_that_is_no_model()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("notes.onnx"), "Not a network at all.");
        File.WriteAllBytes(folder.File("empty.onnx"), []);

        Assert.Equal($"'{folder.File("notes.onnx")}' is refused: it is not an ONNX model.",
            Assert.Throws<OnnxModelException>(() => Runtime.Open(folder.File("notes.onnx"), Settings)).Message);
        Assert.Equal($"'{folder.File("empty.onnx")}' is refused: it holds no graph: it is not an ONNX model.",
            Assert.Throws<OnnxModelException>(() => Runtime.Open(folder.File("empty.onnx"), Settings)).Message);
        Assert.Equal($"'{folder.File("none.onnx")}' does not exist.",
            Assert.Throws<OnnxModelException>(() => Runtime.Open(folder.File("none.onnx"), Settings)).Message);
    }

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("link.bin")]
    public void External_data_outside_of_the_models_folder(string location)
    {
        using var folder = new TemporaryFolder();
        string inside = Directory.CreateDirectory(folder.File("model")).FullName;
        File.WriteAllBytes(folder.File("secret.bin"), new byte[64]);
        File.CreateSymbolicLink(Path.Combine(inside, "link.bin"), folder.File("secret.bin"));
        var model = Model([Value("x", ElementType.Float32, -1, 4)], ["y"], Node("MatMul", ["x", "w"], ["y"]));
        var weight = new TensorProto { Name = "w", DataType = 1, Dims = { 4, 4 }, DataLocation = TensorProto.Types.DataLocation.External };
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        model.Graph.Initializer.Add(weight);
        string file = Path.Combine(inside, "model.onnx");
        File.WriteAllBytes(file, model.Proto.ToByteArray());

        AssertOneSentence(Assert.Throws<OnnxModelException>(() => Runtime.Open(file, Settings)), "w");
        AssertOneSentence(Assert.Throws<OnnxModelException>(() => Runtime.Open(new OnnxModel(model.Proto, inside), Settings)), "w");
    }

    [Fact]
    public void Wrong_inputs_are_named_with_what_was_expected_and_found()
    {
        var model = Model([Value("a", ElementType.Float32, -1, 4), Value("b", ElementType.Float32, -1, 4)], ["y"], Node("Add", ["a", "b"], ["y"]));
        using var session = Runtime.Open(model, Settings);
        var good = Tensor.Of([2, 4], new float[8]);

        Assert.Equal("Input 'b': expected Float32 [any, 4], found Int64 [2, 4].", Refused(("a", good), ("b", Tensor.Of([2, 4], new long[8]))));
        Assert.Equal("Input 'b': expected Float32 [any, 4], found Float32 [8].", Refused(("a", good), ("b", Tensor.Of([8], new float[8]))));
        Assert.Equal("Input 'b': expected Float32 [any, 4], found Float32 [2, 5].", Refused(("a", good), ("b", Tensor.Of([2, 5], new float[10]))));
        Assert.Equal("Input 'b' is not fed: expected Float32 [any, 4], found 'a'.", Refused(("a", good)));
        Assert.Equal("The network has no input 'c': expected 'a', 'b'.", Refused(("a", good), ("b", good), ("c", good)));

        string Refused(params (string Name, Tensor Tensor)[] inputs) =>
            Assert.Throws<OnnxModelException>(() => session.Run(inputs.ToDictionary(input => input.Name, input => input.Tensor))).Message;
    }

    [Fact]
    public void Run_that_fails_names_its_node()
    {
        var model = Model([Value("x", ElementType.Float32, -1, 4)], ["y"], Node("Reshape", ["x", "shape"], ["y"]));
        model.Graph.Initializer.Add(Weight("shape", ElementType.Int64, [1], 7L));
        using var session = Runtime.Open(model, Settings);

        var failure = Assert.Throws<OnnxModelException>(() => session.Run(Zeros(session)));

        AssertOneSentence(failure, "The model does not run: node 'Reshape_y' (Reshape) fails: ");
        AssertOneSentence(failure, "Input shape:{1,4}, requested shape:{7}");
    }

    [Fact]
    public void Text_is_refused()
    {
        var model = Model([Value("x", ElementType.String, -1)], ["y"], Node("Identity", ["x"], ["y"]));

        Assert.Equal("Value 'x' holds text: only numbers can be read.",
            Assert.Throws<OnnxModelException>(() => Runtime.Open(model, Settings)).Message);
    }

    [Fact]
    public void Damaged_files_are_refused_or_run_but_never_end_the_process()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Repository.Case("kws"), "dscnn_kws_ref.onnx"));
        using var folder = new TemporaryFolder();
        string file = folder.File("damaged.onnx");
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            // Most of the file is weights; the structure is at both ends.
            for (int flips = 0; i % 2 == 1 && flips < 4; flips++)
            {
                int place = random.Next(2000);
                damaged[random.Next(2) == 0 ? place : damaged.Length - 1 - place] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(file, damaged);
            try
            {
                using var session = Runtime.Open(file, Settings);
            }
            catch (OnnxModelException refusal)
            {
                AssertOneSentence(refusal, "");
            }
        }
    }

    [Fact]
    public void Runtime_is_silent()
    {
        using var folder = new TemporaryFolder();
        string file = Save(Faulty("unknown operator"), folder);
        TensorFile.Write(folder.File("inputs"), new Dictionary<string, Tensor>());

        var result = Cli.Run("probe-memory", file, folder.File("inputs"));

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Equal($"kneepoint probe-memory: '{file}' is refused: node 'Foo_y': operator 'Foo' of domain 'ai.onnx' is not known to {Runtime.Name} at opset 17.",
            result.Error.Trim());
    }

    static OnnxModel Faulty(string fault)
    {
        var foo = Node("Foo", ["x"], ["y"]);
        var model = Model([Value("x", ElementType.Float32, -1, 4)], ["y"], fault switch
        {
            "missing weight" => [Node("Add", ["x", "w"], ["y"])],
            "shapes" => [Node("MatMul", ["x", "w"], ["y"])],
            "sequence" => [Node("SplitToSequence", ["x"], ["y"])],
            "circle" => [Node("Add", ["x", "y"], ["a"]), Node("Relu", ["a"], ["y"])],
            "unknown operator" or "unknown domain" or "domain not imported" => [foo],
            _ => [Node("Relu", ["x"], ["y"])],
        });
        if (fault == "shapes") model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [5, 2], new float[10]));
        if (fault == "missing output") model.Graph.Output[0].Name = "z";
        if (fault == "opset of tomorrow") model.Proto.OpsetImport[0].Version = 27;
        if (fault == "format of tomorrow") model.Proto.IrVersion = 99;
        if (fault is "unknown domain" or "domain not imported") foo.Domain = "my.domain";
        if (fault == "unknown domain") model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "my.domain", Version = 1 });
        return model;
    }

    static void AssertOneSentence(OnnxModelException exception, string part)
    {
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.DoesNotContain("onnxruntime_src", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ErrorCode", exception.Message, StringComparison.Ordinal);
        Assert.Matches(@"[.…]$", exception.Message);
    }
}
