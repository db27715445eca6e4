using CsCheck;
using Google.Protobuf;
using Kneepoint.Onnx;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Onnx;

public sealed class OnnxModelTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_unchanged_model_is_written_byte_for_byte()
    {
        string first = At("a.onnx");
        Mlp().Save(first);

        OnnxModel.Load(first).Save(At("b.onnx"));

        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(At("b.onnx")));
        Assert.Equal(new FileInfo(first).Length, OnnxModel.FileBytes(first));
    }

    [Fact]
    public void Weights_beside_the_model_read_the_same_and_come_back_inside()
    {
        var model = Mlp();
        model.Graph.Initializer[1].FloatData.AddRange(TensorData.ReadFloat32(model.Graph.Initializer[1], model));
        model.Graph.Initializer[1].ClearRawData();
        string file = At("a.onnx");

        model.Save(file, external: true);
        var loaded = OnnxModel.Load(file);

        Assert.True(loaded.HasExternalData);
        Assert.Equal(0, loaded.Graph.Initializer[0].RawData.Length);
        Assert.Empty(loaded.Graph.Initializer[1].FloatData);
        Assert.Equal("4096", loaded.Graph.Initializer[1].ExternalData[1].Value);
        Assert.Equal("a.onnx.data", loaded.Graph.Initializer[0].ExternalData[0].Value);
        Assert.Empty(loaded.Graph.Initializer[2].ExternalData);
        Assert.Equal(new FileInfo(file).Length + new FileInfo(file + ".data").Length, OnnxModel.FileBytes(file));
        AssertSameWeights(model, loaded);

        loaded.Save(At("b.onnx"));
        var inside = OnnxModel.Load(At("b.onnx"));
        Assert.False(inside.HasExternalData);
        AssertSameWeights(model, inside);
    }

    [Fact]
    public void A_model_can_be_saved_over_the_files_it_reads_from()
    {
        var model = Mlp();
        string file = At("a.onnx");
        model.Save(file, external: true);

        OnnxModel.Load(file).Save(file, external: true);

        AssertSameWeights(model, OnnxModel.Load(file));
        Assert.Equal(["a.onnx", "a.onnx.data"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_weight_that_two_initializers_share_in_the_file_is_copied_once()
    {
        string file = At("a.onnx");
        Mlp().Save(file, external: true);
        var loaded = OnnxModel.Load(file);
        var twin = loaded.Graph.Initializer[0].Clone();
        twin.Name = "twin";
        loaded.Graph.Initializer.Add(twin);

        loaded.Save(At("b.onnx"), external: true);

        Assert.Equal(new FileInfo(file + ".data").Length, new FileInfo(At("b.onnx.data")).Length);
        AssertSameWeights(loaded, OnnxModel.Load(At("b.onnx")));
    }

    [Fact]
    public void A_failed_save_changes_nothing_and_leaves_nothing()
    {
        string file = At("a.onnx");
        Mlp().Save(file, external: true);
        var loaded = OnnxModel.Load(file);
        using (var data = new FileStream(file + ".data", FileMode.Open)) data.SetLength(100);
        byte[] before = File.ReadAllBytes(file);

        Assert.Throws<OnnxModelException>(() => loaded.Save(file));

        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(_folder).Count());
        var exception = Assert.Throws<IOException>(() => Mlp().Save(Path.Combine(_folder, "missing", "a.onnx")));
        Assert.Contains("cannot be written", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("hello, this is text", "is not an ONNX model")]
    [InlineData("\u0008\u0008", "holds no graph")]
    [InlineData("\u003a\u007f\u0008\u0008", "was cut off")]
    public void Files_that_are_no_models_get_one_sentence(string content, string expected)
    {
        File.WriteAllText(At("x.onnx"), content);

        string message = Assert.Throws<OnnxModelException>(() => OnnxModel.Load(At("x.onnx"))).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_not_there_or_too_large_get_one_sentence()
    {
        Assert.Contains("does not exist", Assert.Throws<OnnxModelException>(() => OnnxModel.Load("")).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(At("none.onnx"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(_folder)).Message, StringComparison.Ordinal);
        using (var sparse = new FileStream(At("large.onnx"), FileMode.CreateNew)) sparse.SetLength(3L << 30);
        Assert.Contains("allows 2 GB", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(At("large.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cut_of_a_model_is_refused()
    {
        byte[] whole = Mlp().Proto.ToByteArray();
        Gen.Int[1, whole.Length - 1].Sample(length => LoadOrSentence(whole[..length]), iter: 50);
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused_and_does_not_exhaust_the_stack()
    {
        // Each level wraps the last one as the graph of an attribute of a node of a graph; sizes grow with depth, so from the inside out.
        byte[] inner = [];
        for (int level = 0; level < 5000; level++)
        {
            byte[] attribute = Wrap(6, inner);
            byte[] node = Wrap(5, attribute);
            inner = Wrap(1, node);
        }

        File.WriteAllBytes(At("deep.onnx"), Wrap(7, inner));

        Assert.Contains("levels", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(At("deep.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_nothing_but_empty_parts_is_refused_before_it_fills_the_memory()
    {
        byte[] graph = new byte[420_000];
        for (int i = 0; i < graph.Length; i += 2) graph[i] = 0x0A;
        using var file = new MemoryStream(Wrap(7, graph));

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more than 200000 parts", Assert.Throws<OnnxModelException>(() => WireScan.Check(file, "bomb.onnx", 200_000)).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_of_short_texts_is_refused_before_it_fills_the_memory(bool inAttribute)
    {
        // Names of inputs, and texts of an attribute: three bytes in the file, forty and more in memory.
        byte[] text = Wrap(inAttribute ? 9 : 1, "a"u8.ToArray());
        byte[] many = [.. Enumerable.Repeat(text, 100_000).SelectMany(bytes => bytes)];
        using var file = new MemoryStream(Wrap(7, Wrap(1, inAttribute ? Wrap(5, many) : many)));

        Assert.Contains("more than 50000 parts", Assert.Throws<OnnxModelException>(() => WireScan.Check(file, "bomb.onnx", 50_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_unknown_numbers_is_refused_before_it_fills_the_memory()
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            for (int field = 1000; field < 101_000; field++)
            {
                output.WriteTag(field, WireFormat.WireType.Varint);
                output.WriteInt32(1);
            }
        }

        using var file = new MemoryStream(Wrap(7, stream.ToArray()));
        Assert.Contains("parts", Assert.Throws<OnnxModelException>(() => WireScan.Check(file, "bomb.onnx", 50_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_small_numbers_are_refused_before_they_fill_the_memory()
    {
        byte[] tensor = Wrap(7, new byte[100_000]);
        using var file = new MemoryStream(Wrap(7, Wrap(5, tensor)));

        WireScan.Check(file, "list.onnx", mostNumbers: 100_000);
        file.Position = 0;
        Assert.Contains("more than 99999 numbers", Assert.Throws<OnnxModelException>(() => WireScan.Check(file, "list.onnx", mostNumbers: 99_999)).Message, StringComparison.Ordinal);
    }

    bool LoadOrSentence(byte[] bytes)
    {
        File.WriteAllBytes(At("cut.onnx"), bytes);
        try
        {
            OnnxModel.Load(At("cut.onnx"));
            return true;
        }
        catch (OnnxModelException)
        {
            return true;
        }
    }

    static byte[] Wrap(int field, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }

    static void AssertSameWeights(OnnxModel expected, OnnxModel actual)
    {
        foreach (var (left, right) in expected.Graph.Initializer.Zip(actual.Graph.Initializer))
        {
            Assert.Equal(left.Name, right.Name);
            Assert.Equal(TensorData.Read(left, expected).Bytes.ToArray(), TensorData.Read(right, actual).Bytes.ToArray());
        }
    }

    static OnnxModel Mlp() => Of(13, [Float("x", -1, 30)], [Float("y", -1, 20)],
        [Weight("w1", 30, 33), Weight("w2", 33, 20), Weight("b", 20)],
        Node("MatMul", "x w1", "h"), Node("Relu", "h", "r"), Node("Gemm", "r w2 b", "y"));

    string At(string name) => Path.Combine(_folder, name);
}
