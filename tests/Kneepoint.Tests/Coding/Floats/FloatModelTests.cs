using CsCheck;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Floats;
using Kneepoint.Coding.Indices;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding.Floats;

public sealed class FloatModelTests
{
    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Every_number_comes_back_to_the_bit(ElementType type)
    {
        var layout = FloatLayout.Of(type)!.Value;
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 30], Gen.Int[1, 10]).SelectMany((rows, columns, period) =>
            Gen.OneOf(Bits(layout), Extreme(layout)).Array[rows * columns].Select(bits => (bits, new IndexShape(rows, columns, period)))).Sample((bits, shape) =>
            Assert.Equal(bits, Again(layout, bits, shape)), iter: type == ElementType.Float64 ? 15 : 30);
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Numbers_that_repeat_come_back(ElementType type)
    {
        var layout = FloatLayout.Of(type)!.Value;
        Extreme(layout).Array[100].Sample(bits =>
        {
            Assert.True(FloatForm.Of(bits, layout).Repeats);
            Assert.Equal(bits, Again(layout, bits, new IndexShape(5, 20, 3)));
        }, iter: 10);
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void All_numbers_of_16_bits_come_back(ElementType type)
    {
        var layout = FloatLayout.Of(type)!.Value;
        ulong[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ulong)(i * 40503 & 0xFFFF))];

        Assert.Equal(bits, Again(layout, bits, new IndexShape(256, 256, 16)));
    }

    [Fact]
    public void One_model_carries_many_tensors()
    {
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;
        var random = new Random(3);
        ulong[][] tensors = [.. Enumerable.Range(0, 8).Select(i => Enumerable.Range(0, 60)
            .Select(_ => (ulong)BitConverter.SingleToUInt32Bits(i % 2 == 0 ? random.Next(3) * 0.1f : random.NextSingle())).ToArray())];
        var (writer, writing) = (new BitWriter(), new FloatModel(layout));
        foreach (ulong[] bits in tensors) writing.Code(writer, [.. bits], new IndexShape(3, 20, 1), FloatForm.Of(bits, layout));
        var (reader, reading) = (new BitReader(writer.End()), new FloatModel(layout));
        foreach (ulong[] bits in tensors)
        {
            ulong[] read = new ulong[bits.Length];
            reading.Code(reader, read, new IndexShape(3, 20, 1), FloatForm.Of(bits, layout));
            Assert.Equal(bits, read);
        }
    }

    [Fact]
    public void A_tensor_that_repeats_is_coded_as_if_it_were_the_first()
    {
        // What a tensor left in the table of repetitions is forgotten before the next, whether it left little or much.
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;
        var random = new Random(8);
        foreach (int earlier in (int[])[10, 3000])
        {
            ulong[] other = [.. Enumerable.Range(0, earlier).Select(_ => (ulong)random.Next())], bits = [.. Enumerable.Range(0, 200).Select(i => (ulong)(0x3F800000 + i % 7 * 7919))];
            var form = new FloatForm(false, 0, true, 255);
            var (after, alone) = (new FloatModel(layout), new FloatModel(layout));
            after.Code(new BitMeter(new NoCoder()), [.. other], new IndexShape(1, earlier, 1), form);
            alone.Code(new BitMeter(new NoCoder()), [.. other], new IndexShape(1, earlier, 1), form with { Repeats = false });
            var (first, second) = (new BitMeter(new NoCoder()), new BitMeter(new NoCoder()));
            after.Code(first, [.. bits], new IndexShape(1, 200, 1), form);
            alone.Code(second, [.. bits], new IndexShape(1, 200, 1), form);

            Assert.Equal(second.TotalBits, first.TotalBits);
        }
    }

    [Fact]
    public void Many_small_tensors_that_repeat_take_no_table_each()
    {
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;
        var model = new FloatModel(layout);
        ulong[] bits = new ulong[16];
        model.Code(new BitMeter(new NoCoder()), bits, new IndexShape(1, 16, 1), new FloatForm(false, 0, true, 255));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) model.Code(new BitMeter(new NoCoder()), bits, new IndexShape(1, 16, 1), new FloatForm(false, 0, true, 255));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void The_form_says_what_all_numbers_share()
    {
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;

        Assert.Equal(new FloatForm(true, 23, false, 0), FloatForm.Of([0], layout));
        Assert.Equal(new FloatForm(false, 23, false, 0), FloatForm.Of([0x80000000], layout));
        Assert.Equal(new FloatForm(false, 13, false, 128), FloatForm.Of([0x3F802000, 0x40000000], layout));
        Assert.Equal(new FloatForm(false, 0, true, 0), FloatForm.Of([1, 1, 1, 2, 2, 2, 3, 3], layout));
        Assert.Equal(new FloatForm(false, 23, false, 0), FloatForm.Of([], layout));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Bug_noise_among_many_zeros_was_coded_as_if_it_came_again(double zeros)
    {
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;
        var random = new Random(7);
        ulong[] bits = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextDouble() < zeros ? 0ul : BitConverter.SingleToUInt32Bits((random.NextSingle() - 0.5f) * 2))];
        var form = FloatForm.Of(bits, layout);
        var writer = new BitWriter();
        new FloatModel(layout).Code(writer, [.. bits], new IndexShape(100, 200, 1), form);

        // Sign, 23 bits of the mantissa, two bits of the exponent, and whether it is zero.
        double entropy = -zeros * Math.Log2(zeros) - (1 - zeros) * Math.Log2(1 - zeros) + (1 - zeros) * (1 + 23 + 2);
        Assert.False(form.Repeats);
        Assert.InRange(writer.End().Length * 8.0 / bits.Length, entropy * 0.97, entropy * 1.03);
    }

    [Fact]
    public void Mantissa_bits_that_all_are_zero_cost_nothing()
    {
        var layout = FloatLayout.Of(ElementType.Float32)!.Value;
        var random = new Random(6);
        ulong[] bits = [.. Enumerable.Range(0, 4000).Select(_ => (ulong)BitConverter.SingleToUInt32Bits((float)(Half)(random.NextSingle() + 1)))];
        var writer = new BitWriter();
        new FloatModel(layout).Code(writer, [.. bits], new IndexShape(1, 4000, 1), FloatForm.Of(bits, layout) with { Repeats = false });

        Assert.InRange(writer.End().Length * 8 / 4000.0, 9.8, 10.4);
    }

    // Any bits at all, so also infinities and NaN of every payload.
    static Gen<ulong> Bits(FloatLayout layout) => Gen.ULong[0, ulong.MaxValue >> (64 - 8 * layout.Bytes)];

    static Gen<ulong> Extreme(FloatLayout layout)
    {
        ulong sign = 1UL << (layout.ExponentBits + layout.MantissaBits), infinity = ((1UL << layout.ExponentBits) - 1) << layout.MantissaBits, most = sign - 1;
        return Gen.OneOf((ulong[])[0, sign, infinity, sign | infinity, infinity | 1, infinity | (1UL << (layout.MantissaBits - 1)), most, sign | most, 1, sign | 1,
            (1UL << layout.MantissaBits) - 1, 1UL << layout.MantissaBits, infinity - 1]);
    }

    static ulong[] Again(FloatLayout layout, ulong[] bits, IndexShape shape)
    {
        var form = FloatForm.Of(bits, layout);
        var writer = new BitWriter();
        new FloatModel(layout).Code(writer, [.. bits], shape, form);
        ulong[] read = new ulong[bits.Length];
        new FloatModel(layout).Code(new BitReader(writer.End()), read, shape, form);
        return read;
    }
}
