using System.Globalization;
using CsCheck;
using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding;

public sealed class PackedModelTests
{
    static readonly Gen<byte[]> AnyModel = Gen.Int.Select(seed => RichModel.Any(new Random(seed)));

    [Fact]
    public void Any_model_comes_back_to_the_bit() => AnyModel.Sample(model => Assert.Equal(model, PackedModel.Open(PackedModel.Pack(model))), iter: 50);

    [Fact]
    public void Any_model_comes_back_to_the_bit_in_every_code() => AnyModel.Sample(model =>
    {
        foreach (var code in Enum.GetValues<NumberCode>()) Assert.Equal(model, PackedModel.Open(PackedModel.Pack(model, new PackingSettings { Code = code, LeastNumbers = 1 })));
    }, iter: 20);

    [Fact]
    public void Several_threads_make_and_open_the_same_bytes_as_one()
    {
        // Groups of 4 MB: five of them.
        var random = new Random(3);
        var graph = new GraphProto();
        for (int i = 0; i < 5; i++)
        {
            byte[] data = new byte[1 << 22];
            for (int k = 0; k < data.Length; k++) data[k] = (byte)random.Next(-3, 4);
            graph.Initializer.Add(new TensorProto { Name = $"t{i}", DataType = (int)ElementType.Int8, Dims = { 1 << 11, 1 << 11 }, RawData = ByteString.CopyFrom(data) });
        }

        byte[] model = new ModelProto { Graph = graph }.ToByteArray();
        byte[] packed = PackedModel.Pack(model, new PackingSettings { Code = NumberCode.Static });

        Assert.Equal(packed, PackedModel.Pack(model, new PackingSettings { Code = NumberCode.Static, Threads = 3 }));
        Assert.Equal(model, PackedModel.Open(packed, threads: 3));
        packed[packed.Length / 2] ^= 1;
        Assert.Throws<PackedModelException>(() => PackedModel.Open(packed, threads: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedModel.Open(packed, threads: 0));
    }

    [Fact]
    public void A_model_with_every_message_comes_back()
    {
        byte[] model = RichModel.OfEveryMessage();
        byte[] packed = PackedModel.Pack(model);

        Assert.Equal(model, PackedModel.Open(packed));
        Assert.True(packed.Length < model.Length * 0.8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_model_of_no_or_few_bytes_comes_back(int bytes) => Assert.Equal(new byte[bytes], PackedModel.Open(PackedModel.Pack(new byte[bytes])));

    [Fact]
    public void Bytes_that_are_no_model_come_back_or_are_refused() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        try
        {
            Assert.Equal(bytes, PackedModel.Open(PackedModel.Pack(bytes)));
        }
        catch (PackedModelException exception)
        {
            Assert.Contains("no ONNX model", exception.Message, StringComparison.Ordinal);
        }
    }, iter: 30);

    [Fact]
    public void A_model_that_was_cut_off_in_a_tensor_is_refused() =>
        Assert.Throws<PackedModelException>(() => PackedModel.Pack(new ModelProto { Graph = new GraphProto { Initializer = { Large() } } }.ToByteArray().AsMemory(0, 200)));

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        byte[] model = RichModel.OfEveryMessage();

        Assert.Equal(PackedModel.Pack(model), PackedModel.Pack(model));
    }

    [Fact]
    public void The_culture_changes_nothing()
    {
        byte[] model = RichModel.OfEveryMessage();
        byte[] packed = PackedModel.Pack(model);
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE") { NumberFormat = { NegativeSign = "~", NumberDecimalSeparator = ";" } };

            Assert.Equal(packed, PackedModel.Pack(model));
            Assert.Equal(model, PackedModel.Open(packed));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Files_and_streams_are_opened_as_memory_is()
    {
        byte[] model = RichModel.OfEveryMessage();
        byte[] packed = PackedModel.Pack(model);
        string folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "m.knp"), packed);
            using var trickle = new TrickleStream(packed);

            Assert.Equal(model, PackedModel.Open(Path.Combine(folder, "m.knp")));
            Assert.Equal(model, PackedModel.Open(trickle));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_format_is_the_one_of_version_1()
    {
        // A file of version 1, kept as it was written: a reader that no longer opens it has left the format.
        byte[] packed = Convert.FromBase64String(
            "S05QAZcCF6R7cmE3KNAWFfpRDXHps+YO1K64SykzVUGagQYQ1GUhtjtvoT5CbHJqoBKoTBbqBoWlEhkdtAuc9W8C//Ympak4Swg9k+P8cAgNWUTjrOeoM8GT9VUJQycBuPBB5JZbDOXHT6RVXcuA"
            + "7Sc9rdU6us6f1JaBKgiuCfwFMEdU34h1HzAxVaiOiS7LhLhQkl1TnTYHricMUw==");

        Assert.Equal(new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "g", Initializer = { Large() } } }.ToByteArray(), PackedModel.Open(packed));
    }

    static TensorProto Large()
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.Int8, Dims = { 16, 16 } };
        tensor.RawData = ByteString.CopyFrom([.. Enumerable.Range(0, 256).Select(i => (byte)(i * i % 23 - 11))]);
        return tensor;
    }

    // Gives one byte at a time and cannot seek.
    sealed class TrickleStream(byte[] bytes) : Stream
    {
        int _place;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_place == bytes.Length || count == 0) return 0;
            buffer[offset] = bytes[_place++];
            return 1;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
