using CsCheck;
using Kneepoint.Coding.Entropy;

namespace Kneepoint.Tests.Coding.Entropy;

public sealed class BitWriterTests
{
    static readonly Gen<(int Bit, uint Probability)[]> AnyBits = Gen.Select(Gen.Int[0, 1], Gen.OneOf(Gen.UInt[1, 65535], Gen.OneOf((uint[])[1u, 2, 32768, 65534, 65535]))).Array[0, 400];

    [Fact]
    public void Bits_of_any_probabilities_come_back() => AnyBits.Sample(bits =>
    {
        var reader = new BitReader(Written(bits));
        return bits.All(b => reader.Code(0, b.Probability) == b.Bit);
    });

    [Theory]
    [InlineData(1u, 0)]
    [InlineData(1u, 1)]
    [InlineData(65535u, 0)]
    [InlineData(65535u, 1)]
    public void Long_runs_of_one_bit_come_back_at_extreme_probabilities(uint probability, int bit)
    {
        var bits = Enumerable.Repeat((bit, probability), 100_000).ToArray();

        var reader = new BitReader(Written(bits));

        Assert.True(bits.All(b => reader.Code(0, b.probability) == b.bit));
    }

    [Fact]
    public void A_carry_runs_back_through_all_bytes_of_255()
    {
        // Zeros of probability 1 − 2⁻¹⁶ drive the lower end up to the upper one, whose bytes are 255; a one of 2⁻¹⁶ then decides between both sides.
        for (int zeros = 0; zeros < 40; zeros++)
        {
            (int, uint)[] bits = [.. Enumerable.Repeat((0, 65535u), zeros), (1, 65535u), .. Enumerable.Repeat((0, 1u), 1000), (0, 65535u), (0, 65535u)];
            var reader = new BitReader(Written(bits));

            Assert.True(bits.All(b => reader.Code(0, b.Item2) == b.Item1), $"{zeros} zeros");
        }
    }

    [Fact]
    public void Streams_of_many_carries_come_back()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            // Mostly zeros that push the lower end up in tiny and in large steps.
            var random = new Random(seed);
            var bits = Enumerable.Range(0, 300).Select(_ => (random.Next(8) == 0 ? 1 : 0, random.Next(2) == 0 ? 65535u : (uint)random.Next(1, 65536))).ToArray();
            var reader = new BitReader(Written(bits));
            Assert.True(bits.All(b => reader.Code(0, b.Item2) == b.Item1), $"seed {seed}");
        }
    }

    [Fact]
    public void Equal_bits_come_back_among_others() => Gen.Select(Gen.Int[0, 16], Gen.UInt, Gen.UInt[1, 65535]).Array[0, 200].Sample(steps =>
    {
        var writer = new BitWriter();
        foreach (var (bits, value, probability) in steps)
        {
            writer.CodeEqual(value & ((1u << bits) - 1), bits);
            writer.Code((int)value & 1, probability);
        }

        var reader = new BitReader(writer.End());
        foreach (var (bits, value, probability) in steps)
        {
            Assert.Equal(value & ((1u << bits) - 1), reader.CodeEqual(0, bits));
            Assert.Equal((int)value & 1, reader.Code(0, probability));
        }
    });

    [Fact]
    public void A_stream_that_is_followed_by_anything_is_read_the_same() => Gen.Select(AnyBits, Gen.OneOf(Gen.Const(new byte[20]), Gen.Const(Enumerable.Repeat((byte)255, 20).ToArray()), Gen.Byte.Array[0, 20])).Sample((bits, next) =>
    {
        var writer = new BitWriter();
        foreach (var (bit, probability) in bits) writer.Code(bit, probability);
        var reader = new BitReader((byte[])[.. writer.EndBefore(), .. next]);

        Assert.All(bits, b => Assert.Equal(b.Bit, reader.Code(0, b.Probability)));
    });

    [Fact]
    public void A_stream_is_as_long_as_its_bits_are_improbable() => AnyBits.Sample(bits =>
    {
        double ideal = bits.Sum(b => -Math.Log2((b.Bit != 0 ? b.Probability : 65536 - b.Probability) / 65536.0));
        double written = 8.0 * Written(bits).Length;
        return written < ideal + 16 && (ideal < 64 || written > ideal - 64);
    });

    [Fact]
    public void A_long_stream_is_as_long_as_its_bits_are_improbable()
    {
        var random = new Random(5);
        (int, uint)[] bits = [.. Enumerable.Range(0, 200_000).Select(_ => (uint)random.Next(1, 65536)).Select(p => (random.Next(65536) < p ? 1 : 0, p))];
        double ideal = bits.Sum(b => -Math.Log2((b.Item1 != 0 ? b.Item2 : 65536 - b.Item2) / 65536.0)) / 8;

        Assert.InRange(Written(bits).Length, ideal - 2, ideal + 2);
    }

    [Fact]
    public void No_shorter_stream_says_the_same() => Gen.Select(Gen.Int[0, 1], Gen.UInt[1, 65535]).Array[0, 14].Sample(bits =>
    {
        byte[] written = Written(bits);
        if (written.Length == 0 || written.Length > 3) return;
        for (int value = 0; value < 1 << (8 * (written.Length - 1)); value++)
        {
            byte[] shorter = [.. Enumerable.Range(0, written.Length - 1).Select(i => (byte)(value >> (8 * i)))];
            var reader = new BitReader(shorter);
            Assert.False(bits.All(b => reader.Code(0, b.Item2) == b.Item1), $"{Convert.ToHexString(shorter)} says it in fewer bytes.");
        }
    }, iter: 40, threads: 1);

    [Fact]
    public void A_stream_of_no_bits_has_no_bytes() => Assert.Empty(new BitWriter().End());

    [Fact]
    public void A_stream_never_ends_in_a_zero() => AnyBits.Sample(bits => Written(bits) is [] or [.., not 0]);

    [Fact]
    public void Behind_the_end_are_zeros() => Gen.Byte.Array[0, 12].Sample(bytes =>
    {
        var reader = new BitReader(bytes);
        var padded = new BitReader((byte[])[.. bytes, .. new byte[400]]);
        for (int i = 0; i < 2000; i++) Assert.Equal(padded.Code(0, 32768), reader.Code(0, 32768));
    }, iter: 50);

    [Fact]
    public void The_counted_cost_is_the_length_to_one_in_a_thousand()
    {
        var random = new Random(7);
        var cost = new BitMeter(new NoCoder());
        var writer = new BitWriter();
        for (int i = 0; i < 100_000; i++)
        {
            uint probability = (uint)random.Next(1, 65536);
            int bit = random.Next(65536) < probability ? 1 : 0;
            cost.Code(bit, probability);
            writer.Code(bit, probability);
        }

        double length = writer.End().Length * 8.0;

        Assert.InRange(cost.TotalBits, length * 0.999, length * 1.001);
    }

    [Fact]
    public void Raw_bits_and_numbers_come_back() => Gen.Select(Gen.ULong, Gen.Int[0, 64], Gen.OneOf(Gen.ULong[0, 40], Gen.ULong[0, (1UL << 63) - 1])).Array[0, 30].Sample(items =>
    {
        var writer = new BitWriter();
        foreach (var (value, bits, number) in items)
        {
            writer.CodeRaw(value, bits);
            writer.CodeNumber(number);
        }

        var reader = new BitReader(writer.End());
        return items.All(item => reader.CodeRaw(0, item.Item2) == (item.Item2 == 0 ? 0 : item.Item1 & (ulong.MaxValue >> (64 - item.Item2))) && reader.CodeNumber(0) == item.Item3);
    });

    static byte[] Written(IEnumerable<(int Bit, uint Probability)> bits)
    {
        var writer = new BitWriter();
        foreach (var (bit, probability) in bits) Assert.Equal(bit, writer.Code(bit, probability));
        return writer.End();
    }
}
