using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding.Indices;

public sealed class StaticIndexCodeTests
{
    static readonly Gen<int> AnyNumber = Gen.OneOf(Gen.Int[-3, 3], Gen.Int[-300, 300], Gen.Int, Gen.OneOf((int[])[int.MinValue, int.MaxValue, 0, 1, -1]));

    [Fact]
    public void Numbers_of_any_size_and_count_come_back() => AnyNumber.Array[1, 400].Sample(values => Assert.Equal(values, Again(values)));

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 257)]
    [InlineData(3, 600)]
    public void As_many_unlike_numbers_as_there_are_symbols_come_back_and_more(int seed, int unlike)
    {
        int[] values = [.. Enumerable.Range(-unlike / 2, unlike)];
        new Random(seed).Shuffle(values);

        Assert.Equal(values, Again(values));
        Assert.Equal([int.MaxValue, .. values, int.MinValue], Again([int.MaxValue, .. values, int.MinValue]));
    }

    [Fact]
    public void A_window_at_the_ends_of_the_type_comes_back()
    {
        int[] high = [int.MaxValue, int.MaxValue - 1, int.MaxValue - 254, int.MaxValue - 255, int.MaxValue - 256, int.MinValue], low = [.. high.Select(v => ~v)];

        Assert.Equal(high, Again(high));
        Assert.Equal(low, Again(low));
    }

    [Fact]
    public void Equal_numbers_cost_nothing_but_the_states()
    {
        var plain = new PlainBytes();
        StaticIndexCode.Write(new BitWriter(), plain, [.. Enumerable.Repeat(7, 100_000)]);

        Assert.Equal(RansCode.Lanes * sizeof(uint), plain.Count);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(20)]
    public void Independent_numbers_cost_their_entropy(double spread)
    {
        const int Count = 100_000;
        var random = new Random(5);
        int[] values = [.. Enumerable.Range(0, Count).Select(_ => (int)Math.Round(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        double entropy = values.CountBy(value => value).Sum(count => -count.Value * Math.Log2(count.Value / (double)Count)) / Count;
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        StaticIndexCode.Write(writer, plain, values);

        Assert.InRange(plain.Section(writer).Length * 8.0 / Count, entropy, entropy + 0.02);
    }

    [Fact]
    public void Damaged_symbols_are_read_without_an_error() => Gen.Select(AnyNumber.Array[1, 200], Gen.Int, Gen.Byte).Sample((values, seed, damage) =>
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        StaticIndexCode.Write(writer, plain, values);
        byte[] section = plain.Section(writer);
        int place = new Random(seed).Next((int)plain.Count);
        section[section.Length - 1 - place] ^= damage;

        // Where a symbol became one for numbers outside of the window, a number is read that nobody wrote.
        StaticIndexCode.Read(new BitReader(section), new PlainBytes(section), new int[values.Length]);
    });

    [Fact]
    public void More_bytes_than_there_are_are_refused()
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        StaticIndexCode.Write(writer, plain, [.. Enumerable.Range(0, 50)]);
        byte[] section = plain.Section(writer);

        Assert.Throws<PackedModelException>(() => StaticIndexCode.Read(new BitReader(section), new PlainBytes(section.AsMemory(0, 20)), new int[50]));
    }

    static int[] Again(int[] values)
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        StaticIndexCode.Write(writer, plain, values);
        byte[] section = plain.Section(writer);
        int[] read = new int[values.Length];
        StaticIndexCode.Read(new BitReader(section), new PlainBytes(section), read);
        return read;
    }
}
