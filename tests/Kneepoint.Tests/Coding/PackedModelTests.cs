using System.Globalization;
using CsCheck;
using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Coding.Indices;
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

    [Theory]
    [InlineData(NumberCode.Mixing, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD/fAQCMsipBOSaVr9RTDbGCPNNA8XWcbwnVaGss0sYjz/4jLxCMgpO64R35mG"
        + "tEkDVBJXJE28aXqjUhv9DCKa/IRf0x6mB0ZdrsBJ8Z8LfZW/wAWZvpAWDjCrgvHWuOVu9KT08vM5quy5zzMra5m+RWp/ulZa57q3B5MIjFyjlnujkB4N7wolZb8dQKfJkS+8Pg9NYHNTciq4OdDydm"
        + "FmcZxj73ye3Z0NnMNXkFDQwFIInXyePhptyR48QAJHAG3BsPmC1GmMTmLIQUe6JRmFTvQaEx631PAMhOrcjfX3alFnaNqKIJ")]
    [InlineData(NumberCode.Adaptive, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD/sAQCMsipBOSaVr9RTDbGCPNNA8XWcbwnVaGss0sYjz/4jLxCMgpO64R35mG"
        + "tEkDVBJXJE28aXqjUhv9DCKa/IRf0x6mB0bZLuwcp1vAaEM6KH3aah8NGRa6s0nzx7WXb16Kjl+laLHfrcmtXqpstdq+/v6/2d08yHfLIIRMWtXdU7jo7urLcMzwgN8oDAgvnpIRLGf9dcvC7VVAsz"
        + "KhluyOwN0G6fgfTsVu+7BkfbQFnOpU/NIDGdeT/vpMaGsodPhhRZDnXKX1soHijNMEipah4kzTCx5bs8y5TEmqe5qV59bnzPRN4srrsNLVND8sSqPQ==")]
    [InlineData(NumberCode.Static, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD/gAwgAAAAP6AFdA1e+UlEXDSme8phLSkm87XEAKIrS0Wf9WWa7QEH+kiwPoj"
        + "02/KZn0koTh20GKSkqihX/cF0NP//wG+Vfv9gn6Ur4dF+u8ghmK7WvnXxwXxV3sfd+hDk///nVlLqLMWZmBfNJNd9WWMmqC6Qp2y3woVjBRnBPDTGDnsMdAN6KHQAANxAAnsMdAN6KHQAANxAAnsMd"
        + "AN6KHQAOgLUNdtJeBxgclg3aB7YOCFi0Duossw7RVbAODoC1Dd+gBQAwwgMA4NUCANkpAgCCDaE8M/NRURC8q1Cg1Lt56L7DOkboybfMzMQc6yRrCQV2T0oVjApokRUyVTA3+NLeAunQRLQxCPTJ5Z"
        + "l5x7lv8C+/DhAcWmC7liC1pkHmPwQ8m/WR7bwpOp6K/d124I59SzYACrw1AEIfbADUptcAtcY1AHSUNgBhENoAjNJtAI11BgCldgMAyYsDAIuvAwCRkwMA1XgGAKFyBgBrKQYAEIVrMG7d8hvvbMOd"
        + "SQEQ5dKazX/sYu7IE0IuKankOdBpXOrMji3p0BslItrBMfpomtc9WIoybboKJZKdfpxtLOBgonRTarGiyucNRPk+V/txx7xbeU+Ns1Rlyp0LwCaFgNLQaMCD4C6QS1DmMBbwRlJhiV0=")]
    public void The_format_is_the_one_of_version_1(NumberCode code, string packed)
    {
        // Files of version 1, kept as they were written: a reader that no longer opens them has left the format.
        Assert.Equal(OfEveryForm(), PackedModel.Open(Convert.FromBase64String(packed)));
        Assert.Equal(packed, Convert.ToBase64String(PackedModel.Pack(OfEveryForm(), new PackingSettings { Code = code, LeastNumbers = 1 })));
    }

    // Whole numbers, floats, steps, a trellis, few values.
    static byte[] OfEveryForm()
    {
        var chains = new TrellisChains(new IndexShape(8, 6, 1), isAlongRows: false);
        int[] multiples = [.. Enumerable.Range(0, 48).Select(i => i * i % 7 - 3)];
        chains.ToMultiples(multiples);
        float[][] floats =
        [
            [.. Enumerable.Range(0, 24).Select(i => (i * 7919 % 1000 - 500) * 0.0123f)], [.. Enumerable.Range(0, 36).Select(i => (i * i % 23 - 11) * 0.375f)],
            [.. multiples.Select(multiple => multiple * 0.25f)], [.. Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? 0.1f : 1.7f)],
        ];
        var graph = new GraphProto { Name = "g", Initializer = { Large() } };
        foreach (float[] values in floats) graph.Initializer.Add(new TensorProto { Name = "f", DataType = (int)ElementType.Float32, Dims = { values.Length == 48 ? 8 : 4, values.Length / (values.Length == 48 ? 8 : 4) }, RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]) });
        return new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray();
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
