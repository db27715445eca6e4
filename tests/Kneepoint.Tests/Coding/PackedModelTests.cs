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
    [InlineData(NumberCode.Mixing, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD+WAl7BRjY+yiDTni4wueGJZ3DsP4y7iFlN2Kg75EQlpSeyg/eMGW+5N2N+YB"
        + "mzG6VwpwExjj0MsmBoNCwEHi0QEGcRUmMKyPhBWE61b9qHXzNdrNokkKwcANhPFL8LR/XGcD9Bc9oslqKPX5RHJAE8XpdpdmDqUZtrnKZEnm+yDcqtAPCY1eDjXN0XftRxN7IEE7S/hQJQl0S80Fdq"
        + "ZA5gvZvNM3ha5pCthST39nOxKEOxknptnSyiYopBh6Qg4iVpZrr/Mj7JQO43BKZzkKuIK5lomaw1qcRhXs0NwHgbKqet9ZuwMjPkIaBVMI1sJp/ipgCFvQjw8dl01da87cErwF6M8syNGyjMIUwhhS"
        + "rvcMctaup+I7t/tQPzWQ==")]
    [InlineData(NumberCode.Adaptive, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD+1Al7fBOTTQI/Zji9DYKKjg6XKOESaW0/74ASTlfnAtzALyZP6tm8JwGMXRg"
        + "gb6UoFx/Yqp+DQ4SbOdXcJarhyb+oFD4quvwa0631t9aAKWNfacLDT54lrZ30Uhb7dbqkEXXU8UszIB9BFSytE1Xw/18Fxed4fXBWh0wKKmMV/KWd87k2zoB41sxtyiy2iBzVX0utQOLptZJdKDGZF"
        + "lAqJkh9ohRlXdtaXAHBJlZj7P7gRYGywAxRKyorGDmIBdeMCh8qGdHdTj91Sc6PUHPMCTfcgdxgN4tA3inCTFtW6z+R+8mpLohUqYjTfewf5aSFT5EFPEPrXSCCYRXdySsqW+tSf5BidsimOF9fYYr"
        + "XK96Dvi9TOFlRoYTEuCKd67NW8+fd6aZlh/FrPkXh/RY+d08vwz/3VvRIJLBc=")]
    [InlineData(NumberCode.Static, "S05QAaEHUUF6VLWn1c0XMPpRDWRPw7MaZST7Fd7XQ3pshdzvj5Ql0Ng5hfExpBz3Hm5yifZ7ur/yCBJoVZ6z7oCtiD+8A17f/////ofoMADs//oAXHarBGq4FGGJmNK4DJZqoRTYYORQCwOodSfsUC"
        + "/YWYs8LS5N/LoemGYQMDhmP//2XkomdkesViuvkt8gmSTIBQHg1JFuXVNinhSATaPxfAYuPNikGbu7M3AYHGNNNDpKVvEkAAXlqf45HgOSc6Oewx0A3oodAAA3EACewx0A3oodAAA3EACewx0A3ood"
        + "AN+gBQAwwgMA4NUCANkpAgCCDaE8M/NRURC8q1Cg1Lt56L7DOkboybfMzMQc6yRrCQV2T0oVjApokRUyVTA3+NLeAunQRLQxCPTJ5Zl5x7lv8C+/DhAcWmC7liC1pkHmPwQ8m/WR7bwpOp6K/d124I"
        + "59SzYACrw1AEIfbADUptcAtcY1AHSUNgBhENoAjNJtAC6wBgD0YAMA+qUDAMmZAwCrXQMAM0IGAOJ7BgCPVAYAvM526+NXtVedVyUo5ErfT+Ale+n9/UBz9avfEymfPxvEpmVXIljgGoUfk1NYvI+y"
        + "tVEeAzydctS+/uAIT5cWt9iqE2+SNPwMV4Nrnj9pI9XRQShm9KmSnmE/79hpWwuvIK1w4kCtQHoQpRCBMEDgkZGPX7k=")]
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
