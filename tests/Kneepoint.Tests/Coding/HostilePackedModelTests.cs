using System.Diagnostics;
using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding;

/// <summary>Damaged and hostile packed files: each ends in a model of the announced length or in a <see cref="PackedModelException"/>, soon and in little memory.</summary>
/// <remarks>KNEEPOINT_FUZZ_ROUNDS sets how many files are tried (times six); seeds follow from the round, so that every failure can be made again.</remarks>
public sealed class HostilePackedModelTests
{
    const double MostSeconds = 2;

    // A short section may announce 2,100 times its bytes of graph, which have to be read before they turn out wrong.
    const double MostSecondsForByte = 1e-5;

    // The fastest of some tries counts, so that a busy machine fails no test.
    const int Tries = 4;
    const long FreeBytes = 32L << 20;

    static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("KNEEPOINT_FUZZ_ROUNDS"), out int rounds) ? rounds : 500;
    static readonly byte[] Small = PackedModel.Pack(SmallModel());

    // The same network in every code.
    static readonly byte[][] Smalls = [.. Enum.GetValues<NumberCode>().Select(code => PackedModel.Pack(SmallModel(), new PackingSettings { Code = code, LeastNumbers = 1 }))];

    [Fact]
    public void The_undamaged_file_opens() => Assert.All(Smalls, small => Assert.Equal(SmallModel(), PackedModel.Open(PackedFile.Of(small).ToBytes())));

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (byte[] small in Smalls)
        {
            for (int length = 0; length < small.Length; length++) Assert.Throws<PackedModelException>(() => PackedModel.Open(small.AsMemory(0, length)));
        }
    }

    [Fact]
    public void A_file_that_goes_on_is_refused()
    {
        foreach (byte value in (byte[])[0, 1, 0x80, 0xFF]) Assert.Throws<PackedModelException>(() => PackedModel.Open((byte[])[.. Small, value]));
    }

    [Fact]
    public void A_flipped_bit_is_always_detected()
    {
        byte[] damaged = [.. Small];
        for (int bit = 0; bit < 8 * damaged.Length; bit++)
        {
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<PackedModelException>(() => PackedModel.Open(damaged));
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Damaged_bytes_are_refused()
    {
        for (int round = 0; round < Rounds * 4; round++) Check(Damaged(Smalls[round % Smalls.Length], new Random(round)), $"round {round}");
    }

    [Fact]
    public void Damage_behind_right_checksums_is_refused_too()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            var file = PackedFile.Of(Smalls[round % Smalls.Length]);
            for (int i = random.Next(1, 4); i > 0; i--) Distort(file, random);
            Check(file.ToBytes(), $"round {round}");
        }
    }

    [Fact]
    public void Sections_of_tensors_may_hold_anything()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            var file = PackedFile.Of(Smalls[round % Smalls.Length]);
            byte[] section = new byte[random.Next(0, 3) * random.Next(0, 60)];
            random.NextBytes(section);
            file.Sections[1] = section;
            Check(file.ToBytes(), $"round {round}");
        }
    }

    [Fact]
    public void Every_form_of_every_type_may_be_followed_by_anything()
    {
        // The first three bits of a section are the form of its first tensor.
        var files = Enum.GetValues<ElementType>().Select(type => PackedFile.Of(PackedModel.Pack(OneTensor(type)))).ToArray();
        var random = new Random(1);
        for (int form = 0; form < 8; form++)
        {
            foreach (var file in files)
            {
                byte[] section = new byte[40];
                random.NextBytes(section);
                section[0] = (byte)((255 - (form << 5)) & 0xE0 | section[0] & 0x1F);
                file.Sections[1] = section;
                Check(file.ToBytes(), $"form {form}");
            }
        }
    }

    [Fact]
    public void Thousands_of_small_tensors_take_no_tables_each()
    {
        // 16 numbers of which 6 come twice: too many for a codebook, few enough to predict lower bits from upper ones.
        var random = new Random(3);
        var model = new ModelProto { Graph = new GraphProto() };
        for (int i = 0; i < 1000; i++)
        {
            float[] values = [.. Enumerable.Range(0, 10).Select(_ => random.NextSingle())];
            byte[] bytes = [.. values.Concat(values[..6]).SelectMany(BitConverter.GetBytes)];
            model.Graph.Initializer.Add(new TensorProto { DataType = (int)ElementType.Float32, Dims = { 16 }, RawData = ByteString.CopyFrom(bytes) });
        }

        byte[] packed = PackedModel.Pack(model.ToByteArray());

        Check(packed, "1000 tensors");
        Assert.Equal(model.ToByteArray(), PackedModel.Open(packed));
    }

    [Fact]
    public void An_announced_model_of_2_gigabytes_takes_no_memory_before_its_graph_is_there()
    {
        foreach (ulong graphBytes in (ulong[])[0, 1, 100, PackedFile.Of(Small).GraphBytes, 1_900_000_000, 2_000_000_000])
        {
            var file = PackedFile.Of(Small);
            (file.ModelBytes, file.GraphBytes) = (2_000_000_000, graphBytes);
            byte[] packed = file.ToBytes();
            long before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Throws<PackedModelException>(() => PackedModel.Open(packed));

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FreeBytes);
            Check(packed, $"graph of {graphBytes} bytes");
        }
    }

    [Theory]
    [InlineData(int.MaxValue, 100)]
    [InlineData(1000, 1001)]
    public void Sizes_that_no_model_has_are_refused(long model, long graph)
    {
        var file = PackedFile.Of(Small);
        (file.ModelBytes, file.GraphBytes) = ((ulong)model, (ulong)graph);

        Assert.Contains("announces", Assert.Throws<PackedModelException>(() => PackedModel.Open(file.ToBytes())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_format_and_another_version_are_named()
    {
        Assert.Contains("does not begin with 'KNP'", Refusal([.. "PK\x3\x4"u8, .. Small]), StringComparison.Ordinal);
        Assert.Contains("version 2", Refusal([.. "KNP\x2"u8, .. Small[4..]]), StringComparison.Ordinal);
        Assert.Contains("ends at byte", Refusal([]), StringComparison.Ordinal);

        static string Refusal(byte[] packed) => Assert.Throws<PackedModelException>(() => PackedModel.Open(packed)).Message;
    }

    static void Check(byte[] packed, string place)
    {
        var file = PackedFile.Of(Small);
        try
        {
            file = PackedFile.Of(packed);
        }
        catch (PackedModelException)
        {
            // What cannot be taken apart announces nothing.
        }

        double most = MostSeconds + MostSecondsForByte * Math.Min(file.GraphBytes, 2200.0 * packed.Length);
        var fastest = TimeSpan.MaxValue;
        for (int i = 0; i < Tries && fastest.TotalSeconds > most; i++)
        {
            var clock = Stopwatch.StartNew();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Open(packed, (long)file.ModelBytes, place);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= FreeBytes + 4 * (long)Math.Min(file.ModelBytes, int.MaxValue), $"{place}: took {allocated} bytes for a model of {file.ModelBytes}");
            fastest = clock.Elapsed;
        }

        Assert.True(fastest.TotalSeconds <= most, $"{place}: took {fastest}");
    }

    static void Open(byte[] packed, long bytes, string place)
    {
        try
        {
            Assert.Equal(bytes, PackedModel.Open(packed).Length);
        }
        catch (PackedModelException exception)
        {
            Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{place}: {exception}");
        }
    }

    static void Distort(PackedFile file, Random random)
    {
        int place = random.Next(file.Sections.Count);
        switch (random.Next(10))
        {
            case 0:
                file.ModelBytes = Changed(file.ModelBytes, random);
                break;
            case 1:
                file.GraphBytes = Math.Min(Changed(file.GraphBytes, random), file.ModelBytes);
                break;
            case 2:
                file.Sections.Insert(place, file.Sections[random.Next(file.Sections.Count)]);
                break;
            case 3 when file.Sections.Count > 1:
                file.Sections.RemoveAt(place);
                break;
            default:
                file.Sections[place] = Damaged(file.Sections[place], random);
                break;
        }
    }

    static ulong Changed(ulong number, Random random) => random.Next(4) switch
    {
        0 => number + 1,
        1 => Math.Max(number, 1) - 1,
        2 => number ^ (1UL << random.Next(20)),
        _ => (ulong)random.Next(),
    };

    static byte[] Damaged(byte[] whole, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            if (bytes.Count == 0) bytes.Add((byte)random.Next(256));
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 30), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    for (int k = at; k < at + length; k++) bytes[k] = random.Next(2) == 0 ? (byte)0 : (byte)0xFF;
                    break;
            }
        }

        return [.. bytes];
    }

    static byte[] OneTensor(ElementType type) => new ModelProto
    {
        Graph = new GraphProto { Initializer = { new TensorProto { DataType = (int)type, Dims = { 16, 2, 4 }, RawData = ByteString.CopyFrom(new byte[128 * Math.Max(4, Tensor.Bits(type)) / 8]) } } },
    }.ToByteArray();

    // One tensor of every form, in few bytes.
    static byte[] SmallModel()
    {
        var random = new Random(21);
        byte[] floats = [.. Enumerable.Range(0, 24).SelectMany(_ => BitConverter.GetBytes(random.NextSingle()))];
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "g" } };
        Add("floats", ElementType.Float32, [4, 6], floats);
        Add("steps", ElementType.Float32, [4, 6], [.. Enumerable.Range(0, 24).SelectMany(i => BitConverter.GetBytes((i - 9) * 0.013f))]);
        Add("book", ElementType.Float16, [48], [.. Enumerable.Range(0, 48).SelectMany(i => BitConverter.GetBytes((Half)(i % 5 * 0.37f)))]);
        Add("codes", ElementType.Int8, [8, 2, 2, 2], [.. Enumerable.Range(0, 64).Select(i => (byte)(i * i % 9 - 4))]);
        Add("again", ElementType.Float32, [4, 6], floats);
        Add("odd", ElementType.Float8E5M2, [64], [.. Enumerable.Range(0, 64).Select(i => (byte)(i * 3))]);
        return model.ToByteArray();

        void Add(string name, ElementType type, long[] dimensions, byte[] bytes) =>
            model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { dimensions }, RawData = ByteString.CopyFrom(bytes) });
    }
}
