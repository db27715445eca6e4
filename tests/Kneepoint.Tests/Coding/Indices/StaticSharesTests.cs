using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Tests.Coding.Indices;

public sealed class StaticSharesTests
{
    static readonly Gen<int[]> Counts = Gen.OneOf(Gen.Int[0, 3], Gen.Int[0, 1000], Gen.Int[0, 1_000_000]).Array[1, 256].Where(counts => counts.Sum(c => (long)c) is > 0 and < int.MaxValue);

    [Fact]
    public void Shares_add_up_and_all_that_occurs_has_one() => Counts.Sample(counts =>
    {
        int[] shares = StaticShares.Of(counts);

        Assert.Equal(StaticShares.Total, shares.Sum());
        Assert.All(counts.Zip(shares), pair => Assert.Equal(pair.First > 0, pair.Second > 0));
    });

    [Fact]
    public void No_unit_moved_from_one_symbol_to_another_saves_bits() => Counts.Sample(counts =>
    {
        int[] shares = StaticShares.Of(counts);
        for (int from = 0; from < counts.Length; from++)
        {
            for (int to = 0; to < counts.Length; to++)
            {
                if (from == to || shares[from] < 2 || counts[to] == 0) continue;
                double saved = counts[to] * Math.Log((shares[to] + 1.0) / shares[to]), lost = counts[from] * Math.Log(shares[from] / (shares[from] - 1.0));
                Assert.True(saved <= lost * (1 + 1e-9), $"{from} to {to}");
            }
        }
    }, iter: 40);

    [Fact]
    public void Shares_come_back() => Counts.Sample(counts =>
    {
        int[] shares = StaticShares.Of(counts), read = new int[shares.Length];
        var writer = new BitWriter();
        StaticShares.Code(writer, [.. shares]);
        StaticShares.Code(new BitReader(writer.End()), read);

        Assert.Equal(shares, read);
    });

    [Fact]
    public void Shares_that_do_not_add_up_are_refused()
    {
        var writer = new BitWriter();
        Assert.Throws<PackedModelException>(() => StaticShares.Code(writer, [4000, 95]));
        Assert.Throws<PackedModelException>(() => StaticShares.Code(new BitReader(writer.End()), new int[2]));
    }
}
