using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Coding.Packing;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding;

public sealed class PackedContentsTests
{
    static readonly byte[] Glyphs = File.ReadAllBytes(Path.Combine(Repository.Root, "samples", "glyphs", "glyphs.onnx"));

    [Fact]
    public void Header_graph_and_groups_are_the_whole_file()
    {
        foreach (byte[] model in new[] { Glyphs, EveryForm() })
        {
            byte[] packed = PackedModel.Pack(model);
            var contents = Describe(packed);

            Assert.Equal(packed.Length, contents.PackedBytes);
            Assert.Equal(model, contents.Model.ToArray());
            Assert.Equal(model.Length, contents.Graph.ModelBytes + contents.Groups.Sum(group => group.ModelBytes));
            Assert.Equal(contents.Groups.Sum(group => group.ModelBytes), contents.Tensors.Sum(tensor => tensor.ModelBytes));
            Assert.Equal(1, contents.Version);
        }
    }

    [Fact]
    public void The_bits_of_parts_add_up_to_the_bytes_of_their_group()
    {
        // The section's length, its checksum, and what rounding to whole bytes and the coder's 16 bits of probability leave.
        const double MostOther = 12, MostLoss = 1e-3;
        foreach (byte[] model in new[] { Glyphs, EveryForm(), Large() })
        {
            var contents = Describe(PackedModel.Pack(model));
            for (int i = 0; i < contents.Groups.Length; i++)
            {
                var parts = contents.Tensors.SelectMany(tensor => tensor.Parts).Where(part => part.Group == i).ToArray();
                double bytes = parts.Sum(part => part.NumberBits + part.SideBits) / 8;
                Assert.InRange(contents.Groups[i].PackedBytes, bytes, bytes * (1 + MostLoss) + MostOther);
                Assert.Equal(contents.Groups[i].ModelBytes, parts.Sum(part => part.ModelBytes));
            }
        }
    }

    [Fact]
    public void Tensors_have_their_names_types_shapes_and_forms()
    {
        var contents = Describe(PackedModel.Pack(EveryForm()));

        Assert.Equal(
            [
                ("floats", ElementType.Float32, "10x30", 300, TensorForm.Floats),
                ("steps", ElementType.Float32, "10x30", 300, TensorForm.Steps),
                ("codebook", ElementType.Float32, "10x30", 300, TensorForm.Copy),
                ("integers", ElementType.Int8, "10x30", 300, TensorForm.Integers),
                ("halves", ElementType.Int4, "13x15", 195, TensorForm.Integers),
                ("copy", ElementType.Float32, "300", 300, TensorForm.Copy),
                ("unknown", ElementType.Float8E4M3FN, "10x30", 300, TensorForm.Bytes),
                ("made", ElementType.Float32, "5x60", 300, TensorForm.Codebook),
            ],
            contents.Tensors.OrderBy(tensor => tensor.Name == "made")
                .Select(tensor => (tensor.Name, tensor.Type, string.Join('x', tensor.Shape), (int)tensor.Count, Assert.Single(tensor.Parts).Form)));
    }

    [Fact]
    public void Steps_and_codebooks_are_told_apart_from_numbers()
    {
        var tensors = Describe(PackedModel.Pack(EveryForm())).Tensors.ToDictionary(tensor => tensor.Name);

        Assert.InRange(tensors["steps"].SideBits, 10 * 8, 10 * 40);
        Assert.InRange(tensors["made"].SideBits, 5 * 8, 5 * 64);
        Assert.InRange(tensors["integers"].SideBits, 3 + 8 + 5, 3 + 8 + 5);
        Assert.Equal(0, tensors["copy"].NumberBits);
        Assert.All(tensors.Values, tensor => Assert.True(tensor.SideBits > 0));
    }

    [Fact]
    public void A_tensor_of_several_parts_lists_them_in_order()
    {
        var tensor = Assert.Single(Describe(PackedModel.Pack(Large())).Tensors);

        Assert.Equal(3, tensor.Parts.Length);
        Assert.Equal(2_500_000, tensor.Count);
        Assert.Equal(tensor.ModelBytes, tensor.Parts.Sum(part => part.ModelBytes));
    }

    [Fact]
    public void Progress_goes_up_to_the_size_of_the_model()
    {
        var heard = new Heard();
        byte[] packed = PackedModel.Pack(Glyphs, progress: heard);

        Check(heard);
        heard = new Heard();
        PackedModel.Open(packed, progress: heard);
        Check(heard);

        static void Check(Heard heard)
        {
            Assert.Equal(new PackingProgress(Glyphs.Length, Glyphs.Length), heard.All[^1]);
            Assert.Equal(heard.All.OrderBy(progress => progress.DoneBytes), heard.All);
        }
    }

    [Fact]
    public void Cancellation_ends_packing_and_opening()
    {
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => PackedModel.Pack(Glyphs, cancellation: cancelled));
        Assert.Throws<OperationCanceledException>(() => PackedModel.Open(PackedModel.Pack(Glyphs), cancellation: cancelled));
    }

    static PackedContents Describe(byte[] packed)
    {
        using var stream = new MemoryStream(packed);
        return PackedModel.Describe(stream);
    }

    static byte[] EveryForm()
    {
        var random = new Random(1);
        float[] floats = [.. Enumerable.Range(0, 300).Select(_ => (float)(random.NextDouble() - 0.5))];
        float[] steps = [.. Enumerable.Range(0, 300).Select(i => (random.Next(15) - 7) * (0.1f + i / 30 * 0.013f))];
        float[] codebook = [.. Enumerable.Range(0, 300).Select(_ => new[] { -1.37f, -0.2911f, 0.0173f, 0.71f, 2.23f }[random.Next(5)])];
        byte[] integers = new byte[300], unknown = new byte[300];
        for (int i = 0; i < integers.Length; i++) integers[i] = (byte)(random.Next(-9, 10) + random.Next(-9, 10));
        random.NextBytes(unknown);
        var graph = new GraphProto { Name = "g" };
        Add("floats", ElementType.Float32, Bytes(floats), 10, 30);
        Add("steps", ElementType.Float32, Bytes(steps), 10, 30);
        Add("codebook", ElementType.Float32, Bytes(codebook), 10, 30);
        Add("integers", ElementType.Int8, integers, 10, 30);
        Add("halves", ElementType.Int4, integers[..98], 13, 15);
        Add("copy", ElementType.Float32, Bytes(floats), 300);
        Add("unknown", ElementType.Float8E4M3FN, unknown, 10, 30);
        var constant = new NodeProto { OpType = "Constant", Output = { "made" } };
        constant.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = Tensor("", ElementType.Float32, Bytes(codebook), 5, 60) });
        graph.Node.Add(constant);
        return new ModelProto { Graph = graph }.ToByteArray();

        void Add(string name, ElementType type, byte[] data, params long[] shape) => graph.Initializer.Add(Tensor(name, type, data, shape));
    }

    static byte[] Large()
    {
        var graph = new GraphProto { Name = "g" };
        graph.Initializer.Add(Tensor("large", ElementType.Int8, new byte[2_500_000], 2500, 1000));
        return new ModelProto { Graph = graph }.ToByteArray();
    }

    static TensorProto Tensor(string name, ElementType type, byte[] data, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    static byte[] Bytes(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    sealed class Heard : IProgress<PackingProgress>
    {
        public List<PackingProgress> All { get; } = [];

        public void Report(PackingProgress value) => All.Add(value);
    }
}
