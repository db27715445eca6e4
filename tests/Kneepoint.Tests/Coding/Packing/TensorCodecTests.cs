using System.Runtime.InteropServices;
using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Graph;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding.Packing;

public sealed class TensorCodecTests
{
    [Fact]
    public void Floats_that_are_noise_are_floats() => Assert.Equal(TensorForm.Floats, FormOf(ElementType.Float32, [10, 30], Bytes(Noise(300, 1))));

    [Fact]
    public void Multiples_of_a_step_are_steps() => Assert.Equal(TensorForm.Steps, FormOf(ElementType.Float32, [10, 30], Bytes(Noise(300, 1).Select(v => MathF.Round(v * 99) * 0.013f + 0f).ToArray())));

    [Fact]
    public void Steps_of_rows_are_steps() =>
        Assert.Equal(TensorForm.Steps, FormOf(ElementType.Float32, [10, 30], Bytes(Noise(300, 1).Select((v, i) => i % 30 == 0 ? 0.01f + i * 0.0001f : MathF.Round(v * 99) * (0.01f + i / 30 * 30 * 0.0001f) + 0f).ToArray())));

    [Theory]
    [InlineData(NumberCode.Mixing)]
    [InlineData(NumberCode.Adaptive)]
    [InlineData(NumberCode.Static)]
    public void Chains_of_a_trellis_are_a_trellis(NumberCode code)
    {
        var random = new Random(4);
        foreach (bool isAlongRows in (bool[])[false, true])
        {
            int[] indices = [.. Enumerable.Range(0, 100 * 30).Select(_ => random.Next(-9, 10))];
            new TrellisChains(new IndexShape(100, 30, 1), isAlongRows).ToMultiples(indices);
            byte[] data = Bytes(indices.Select(multiple => multiple * 0.0625f).ToArray());
            TensorCut[] cuts = [new(0, data.Length, ElementType.Float32, [100, 30])];

            Assert.Equal(TensorForm.Trellis, FormOf(ElementType.Float32, [100, 30], data));
            Assert.Equal(data, Read(Packed(data, cuts, code), data.Length, cuts));
        }
    }

    [Fact]
    public void A_trellis_that_is_cut_into_parts_stays_one()
    {
        // A million numbers make a part: the second one goes on in the states of the first.
        var shape = new IndexShape(1100, 1000, 1);
        var random = new Random(5);
        int[] indices = [.. Enumerable.Range(0, shape.Count).Select(_ => random.Next(-1, 2))];
        new TrellisChains(shape, isAlongRows: false).ToMultiples(indices);
        byte[] data = Bytes(indices.Select(multiple => multiple * 0.5f).ToArray());
        TensorCut[] cuts = [new(0, data.Length, ElementType.Float32, [1100, 1000])];
        var groups = TensorPart.Groups(cuts).ToList();

        byte[] packed = Packed(data, cuts);

        Assert.Equal(data, Read(packed, data.Length, cuts));
        Assert.True(groups.Sum(group => group.Count) > 1);
        Assert.InRange(packed.Length * 8.0 / shape.Count, 1.5, Math.Log2(3) + 0.045);
    }

    [Theory]
    [InlineData(200, 20_000)]
    [InlineData(64, 25_088)]
    [InlineData(1100, 1000)]
    public void Bug_the_short_last_part_of_a_trellis_was_packed_as_steps(int rows, int columns)
    {
        var shape = new IndexShape(rows, columns, 1);
        var random = new Random(6);
        int[] indices = [.. Enumerable.Range(0, shape.Count).Select(_ => random.Next(-2, 3) + random.Next(-2, 3))];
        new TrellisChains(shape, isAlongRows: false).ToMultiples(indices);
        byte[] data = Bytes(indices.Select(multiple => multiple * 0.5f).ToArray());
        TensorCut[] cuts = [new(0, data.Length, ElementType.Float32, [rows, columns])];
        var codec = new TensorCodec(new BitWriter(), new PlainBytes());

        foreach (var part in TensorPart.Groups(cuts).SelectMany(group => group)) Assert.Equal(TensorForm.Trellis, codec.Write(data, part));
    }

    [Theory]
    [InlineData(64, 72)]
    [InlineData(65, 45)]
    public void Bug_sparse_steps_were_a_trellis_by_chance_and_larger(int rows, int columns)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            byte[] data = Bytes(Enumerable.Range(0, rows * columns).Select(_ => random.Next(50) == 0 ? random.Next(2) * 2 - 1f : 0).ToArray());

            Assert.NotEqual(TensorForm.Trellis, FormOf(ElementType.Float32, [rows, columns], data));
        }
    }

    [Fact]
    public void Leading_dimensions_of_one_do_not_hide_the_rows()
    {
        var shape = new IndexShape(2048, 600, 1);
        var random = new Random(8);
        int[] indices = [.. Enumerable.Range(0, shape.Count).Select(_ => random.Next(-2, 3))];
        new TrellisChains(shape, isAlongRows: false).ToMultiples(indices);
        byte[] data = Bytes(indices.Select(multiple => multiple * 0.5f).ToArray());
        TensorCut[] cuts = [new(0, data.Length, ElementType.Float32, [1, 2048, 600])];
        var codec = new TensorCodec(new BitWriter(), new PlainBytes());

        foreach (var part in TensorPart.Groups(cuts).SelectMany(group => group))
        {
            Assert.Equal(600, part.Shape.Columns);
            Assert.Equal(TensorForm.Trellis, codec.Write(data, part));
        }
    }

    [Fact]
    public void Few_values_are_a_codebook() => Assert.Equal(TensorForm.Codebook, FormOf(ElementType.Float32, [10, 30], Bytes(Enumerable.Range(0, 300).Select(i => MathF.Sin(i % 7)).ToArray())));

    [Fact]
    public void Whole_numbers_are_integers() => Assert.Equal(TensorForm.Integers, FormOf(ElementType.Int8, [10, 30], Bytes(Noise(300, 4).Select(v => (byte)(sbyte)MathF.Round(v * 20)).ToArray())));

    [Fact]
    public void Whole_numbers_farther_apart_than_31_bits_are_bytes() =>
        Assert.Equal(TensorForm.Bytes, FormOf(ElementType.Int64, [20], Bytes(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? long.MinValue + i : long.MaxValue - i).ToArray())));

    [Theory]
    [InlineData(ElementType.Float8E4M3FN)]
    [InlineData(ElementType.Complex64)]
    [InlineData(ElementType.Float4E2M1)]
    public void Types_without_a_model_are_bytes(ElementType type) => Assert.Equal(TensorForm.Bytes, FormOf(type, [10, 32], Bytes(Enumerable.Range(0, 10 * 32 * Tensor.Bits(type) / 8).Select(i => (byte)(i * 7)).ToArray())));

    [Fact]
    public void Bug_bytes_of_fields_of_few_bits_took_more_than_they_are()
    {
        // Four fields in a byte, of which two are frequent: as whole numbers of 8 bits they took 8.1 bits each.
        var random = new Random(9);
        byte[] data = [.. Enumerable.Range(0, 20_000).Select(_ => (byte)Enumerable.Range(0, 4).Sum(k => (random.Next(10) < 8 ? random.Next(1, 3) : random.Next(4)) << (2 * k)))];
        TensorCut[] cuts = [new(0, data.Length, ElementType.UInt8, [data.Length])];

        byte[] packed = Packed(data, cuts);

        Assert.Equal(TensorForm.Bytes, FormOf(ElementType.UInt8, [data.Length], data));
        double entropy = 4 * -(2 * 0.45 * Math.Log2(0.45) + 2 * 0.05 * Math.Log2(0.05));
        Assert.InRange(packed.Length * 8.0 / data.Length, entropy * 0.98, entropy * 1.02);
    }

    [Fact]
    public void Bug_noise_among_many_zeros_was_a_codebook()
    {
        byte[] data = Bytes(Noise(20_000, 6).Select((v, i) => i % 20 == 0 ? v : 0f).ToArray());

        Assert.Equal(TensorForm.Floats, FormOf(ElementType.Float32, [100, 200], data));
    }

    [Theory]
    [InlineData(NumberCode.Mixing)]
    [InlineData(NumberCode.Static)]
    public void Noise_stands_as_it_is(NumberCode code)
    {
        byte[] data = new byte[5000];
        new Random(3).NextBytes(data);
        TensorCut[] cuts = [new(0, data.Length, ElementType.Int8, [50, 100])];

        byte[] packed = Packed(data, cuts, code);

        Assert.InRange(packed.Length, 5000, 5004);
        Assert.Equal(data, Read(packed, data.Length, cuts));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Steps_that_are_not_finite_are_refused(float step)
    {
        var part = Assert.Single(Assert.Single(TensorPart.Groups([new TensorCut(0, 64, ElementType.Float32, [16])])));
        foreach (var (form, bits) in ((TensorForm, int)[])[(TensorForm.Steps, 2), (TensorForm.Trellis, 0)])
        {
            var writer = new BitWriter();
            writer.CodeRaw((ulong)form, 3);
            writer.CodeRaw(0, bits);
            writer.CodeRaw(BitConverter.SingleToUInt32Bits(step), 32);
            byte[] packed = writer.End();

            Assert.Contains("has the step", Assert.Throws<PackedModelException>(() => new TensorCodec(new BitReader(packed), new PlainBytes(packed)).Read(new byte[64], part)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tensor_that_comes_again_is_a_copy_of_a_byte_or_two()
    {
        byte[] noise = Bytes(Noise(1000, 3));
        TensorCut[] cuts = [new(0, 4000, ElementType.Float32, [1000]), new(4000, 4000, ElementType.Float32, [10, 100]), new(8000, 4000, ElementType.Float32, [1000])];

        byte[] packed = Packed([.. noise, .. noise, .. noise], cuts);

        Assert.InRange(packed.Length, 1000, Packed(noise, cuts[..1]).Length + 3);
        Assert.Equal((byte[])[.. noise, .. noise, .. noise], Read(packed, 12_000, cuts));
    }

    [Fact]
    public void Tensors_of_any_type_and_content_come_back_through_one_codec() => Gen.Select(Gen.Enum<ElementType>(), Gen.Int[64, 700], Gen.Int[0, 5], Gen.Int).Array[1, 6].Sample(tensors =>
    {
        var bytes = new List<byte>();
        var cuts = new List<TensorCut>();
        foreach (var (type, length, kind, seed) in tensors)
        {
            byte[] data = Data(type, length, kind, seed);
            long count = data.Length * 8L / Math.Max(1, Tensor.Bits(type));
            cuts.Add(new TensorCut(bytes.Count, data.Length, type, kind % 2 == 0 && count % 6 == 0 ? [count / 6, 3, 2] : [count]));
            bytes.AddRange(data);
        }

        byte[] model = [.. bytes];
        foreach (var code in Enum.GetValues<NumberCode>()) Assert.Equal(model, Read(Packed(model, cuts, code), model.Length, cuts));
    }, iter: 30);

    [Theory]
    [InlineData(NumberCode.Adaptive)]
    [InlineData(NumberCode.Static)]
    public void Every_form_comes_back_in_every_code(NumberCode code)
    {
        float[] noise = Noise(600, 2);
        byte[][] data =
        [
            Bytes(noise), Bytes(noise.Select(v => (Half)v).ToArray()), Bytes(noise.Select(v => (double)v).ToArray()), Bytes(noise.Select((v, i) => i % 3 == 0 ? 0 : v).ToArray()),
            Bytes(noise.Select(v => MathF.Round(v * 99) * 0.013f + 0f).ToArray()), Bytes(noise.Select((_, i) => MathF.Sin(i % 7)).ToArray()), Bytes(noise.Select(v => (int)(v * 1e9)).ToArray()),
            Bytes(noise.Select((v, i) => i % 20 == 0 ? int.MinValue + i : (int)(v * 9)).ToArray()), [.. Enumerable.Range(0, 600).Select(i => (byte)(i * i))],
        ];
        ElementType[] types = [ElementType.Float32, ElementType.Float16, ElementType.Float64, ElementType.Float32, ElementType.Float32, ElementType.Float32, ElementType.Int32, ElementType.Int32, ElementType.Float8E5M2];
        var cuts = new List<TensorCut>();
        foreach (var (bytes, type) in data.Zip(types)) cuts.Add(new TensorCut(cuts.Sum(cut => cut.Length), bytes.Length, type, [20, 10, 3]));
        byte[] model = [.. data.SelectMany(bytes => bytes)];

        Assert.Equal(model, Read(Packed(model, cuts, code), model.Length, cuts));
    }

    [Fact]
    public void Small_tensors_are_mixed_whatever_the_code()
    {
        byte[] noise = Bytes(Noise(500, 3));
        TensorCut[] cuts = [new(0, 2000, ElementType.Float32, [500])];

        Assert.Equal(Packed(noise, cuts), Packed(noise, cuts, NumberCode.Static, least: 501));
        Assert.NotEqual(Packed(noise, cuts), Packed(noise, cuts, NumberCode.Static, least: 500));
    }

    [Theory]
    [InlineData(ElementType.Int4, 127)]
    [InlineData(ElementType.UInt4, 129)]
    [InlineData(ElementType.Int4, 1001)]
    public void An_odd_count_of_4_bit_numbers_comes_back_with_its_last_half_byte(ElementType type, int count)
    {
        byte[] data = new byte[(count + 1) / 2];
        new Random(count).NextBytes(data);

        Assert.Equal(data, Again(data, new TensorCut(0, data.Length, type, [count])));
        Assert.Equal(data, Again(data, new TensorCut(0, data.Length, type, [1, count])));
    }

    [Fact]
    public void Whole_numbers_at_the_ends_of_their_type_come_back()
    {
        Check(ElementType.Int32, (int[])[int.MinValue, int.MinValue, int.MaxValue, 0, .. new int[20]]);
        Check(ElementType.Int32, (int[])[.. Enumerable.Repeat(int.MinValue, 20), -1, -1]);
        Check(ElementType.UInt32, (uint[])[uint.MaxValue, 0, uint.MaxValue - 1, .. Enumerable.Repeat(uint.MaxValue, 20)]);
        Check(ElementType.Int64, (long[])[.. Enumerable.Repeat(long.MaxValue, 9), long.MaxValue - int.MaxValue]);
        Check(ElementType.Int64, (long[])[.. Enumerable.Repeat(long.MinValue, 9), long.MaxValue]);
        Check(ElementType.UInt64, (ulong[])[.. Enumerable.Repeat(ulong.MaxValue, 9), 0, 1UL << 63]);
        Check(ElementType.UInt8, (byte[])[.. Enumerable.Repeat((byte)255, 60), 0, 1, 128, 127]);
        Check(ElementType.Int8, (byte[])[.. Enumerable.Repeat((byte)128, 60), 127, 0, 255, 1]);
        Check(ElementType.Bool, (byte[])[.. Enumerable.Repeat((byte)1, 60), 0, 2, 255, 128]);
        Check(ElementType.UInt16, (ushort[])[.. Enumerable.Repeat(ushort.MaxValue, 40), 0, 1, 32768]);

        static void Check<T>(ElementType type, T[] values) where T : unmanaged
        {
            byte[] data = Bytes(values);
            Assert.Equal(data, Again(data, new TensorCut(0, data.Length, type, [values.Length])));
        }
    }

    [Fact]
    public void Negative_zeros_nan_and_infinities_come_back_among_few_values_and_among_many()
    {
        float[] odd = [-0f, 0f, float.NaN, BitConverter.UInt32BitsToSingle(0xFF812345), float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon];
        byte[] few = Bytes(Enumerable.Range(0, 200).Select(i => odd[i * i % 8]).ToArray()), many = Bytes(Noise(200, 5).Select((v, i) => i % 9 == 0 ? odd[i % 8] : v).ToArray());

        Assert.Equal(few, Again(few, new TensorCut(0, few.Length, ElementType.Float32, [10, 20])));
        Assert.Equal(many, Again(many, new TensorCut(0, many.Length, ElementType.Float32, [10, 20])));
    }

    [Fact]
    public void A_tensor_of_more_than_a_million_elements_comes_back_in_parts()
    {
        var random = new Random(1);
        byte[] data = new byte[1_100_000];
        for (int i = 0; i < data.Length; i++) data[i] = (byte)(random.Next(100) == 0 ? random.Next(-3, 4) : 0);
        TensorCut cut = new(0, data.Length, ElementType.Int8, [1100, 1000]);

        Assert.Equal(2, TensorPart.Groups([cut]).Sum(group => group.Count));
        Assert.Equal(data, Again(data, cut));
    }

    [Fact]
    public void A_codebook_of_more_entries_than_the_tensor_has_numbers_is_refused()
    {
        // 16 numbers that announce 4,096 entries: a reader that believed it would take 500 bytes for each of the model.
        var writer = new BitWriter();
        writer.CodeRaw((ulong)TensorForm.Codebook, 3);
        writer.CodeNumber(4096);
        byte[] packed = writer.End();
        var part = Assert.Single(Assert.Single(TensorPart.Groups([new TensorCut(0, 64, ElementType.Float32, [16])])));

        var exception = Assert.Throws<Kneepoint.Coding.PackedModelException>(() => new TensorCodec(new BitReader(packed), new PlainBytes(packed)).Read(new byte[64], part));

        Assert.Contains("codebook of 4096", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7)]
    [InlineData((int)TensorForm.Integers)]
    [InlineData((int)TensorForm.Copy)]
    public void A_form_that_the_type_cannot_have_is_refused(int form)
    {
        var writer = new BitWriter();
        writer.CodeRaw((ulong)form, 3);
        byte[] packed = writer.End();
        var part = Assert.Single(Assert.Single(TensorPart.Groups([new TensorCut(0, 64, ElementType.Float32, [16])])));

        Assert.Throws<Kneepoint.Coding.PackedModelException>(() => new TensorCodec(new BitReader(packed), new PlainBytes(packed)).Read(new byte[64], part));
    }

    static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
    }

    static byte[] Data(ElementType type, int length, int kind, int seed)
    {
        var random = new Random(seed);
        int bits = Math.Max(8, Tensor.Bits(type));
        int count = length * 8 / bits;
        byte[] element = new byte[bits / 8];
        var data = new List<byte>();
        byte[][] few = [.. Enumerable.Range(0, 4).Select(_ => { random.NextBytes(element); return element.ToArray(); })];
        for (int i = 0; i < Math.Max(count, 64); i++)
        {
            if (kind == 0) random.NextBytes(element);
            else if (kind == 1) element = few[random.Next(4)];
            else if (kind == 2 && type == ElementType.Float32) element = BitConverter.GetBytes(random.Next(-9, 10) * 0.3f);
            else if (kind == 3 && type == ElementType.Float32) element = BitConverter.GetBytes((random.NextSingle() - 0.5f) * 0.1f);
            else if (kind == 4) element = new byte[bits / 8];
            else element[0] = (byte)random.Next(-5, 6);
            data.AddRange(element);
        }

        return [.. data];
    }

    static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    static TensorForm FormOf(ElementType type, long[] dimensions, byte[] data)
    {
        var cut = new TensorCut(0, data.Length, type, [.. dimensions]);
        byte[] packed = Packed(data, [cut]);
        Assert.Equal(data, Read(packed, data.Length, [cut]));
        return (TensorForm)new BitReader(packed).CodeRaw(0, 3);
    }

    static byte[] Again(byte[] data, TensorCut cut) => Read(Packed(data, [cut]), data.Length, [cut]);

    static byte[] Packed(byte[] model, IReadOnlyList<TensorCut> cuts, NumberCode code = NumberCode.Mixing, int least = 1)
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        var codec = new TensorCodec(writer, plain, new PackingSettings { Code = code, LeastNumbers = least });
        foreach (var part in TensorPart.Groups(cuts).SelectMany(group => group)) codec.Write(model, part);
        return plain.Section(writer);
    }

    static byte[] Read(byte[] packed, int bytes, IReadOnlyList<TensorCut> cuts)
    {
        var codec = new TensorCodec(new BitReader(packed), new PlainBytes(packed));
        byte[] model = new byte[bytes];
        foreach (var part in TensorPart.Groups(cuts).SelectMany(group => group)) codec.Read(model, part);
        return model;
    }
}
